import Glibc
import System
import Testing

@Suite struct ErrnoTests {
  @Test(arguments: [
    (ENOENT, "No such file or directory"), (ENOSPC, "No space left on device"),
    (EACCES, "Permission denied"), (4095, "Unknown error 4095"),
  ])
  func `describes an error as the C library does`(code: Int32, text: String) {
    #expect(Errno(code).description == text)
  }

  @Test func `is matched by the constants of errno(3)`() {
    #expect(throws: Errno(ENOENT)) { _ = try Descriptor(opening: "/nowhere/at/all", O_RDONLY) }
    switch Errno(EAGAIN) {
    case EINTR: Issue.record("not this one")
    case EWOULDBLOCK: break
    default: Issue.record("not matched")
    }
  }

  @Test func `adds the call and the path to the error of a file`() {
    let expected = FileError(operation: "open", path: "/nowhere/x", errno: Errno(ENOENT))
    #expect(throws: expected) {
      _ = try attempt("open", "/nowhere/x", try Descriptor(opening: "/nowhere/x", O_RDONLY))
    }
    #expect(expected.description == "/nowhere/x: open failed: No such file or directory")
  }

  @Test func `retries while interrupted, and not after another error`() throws {
    var results: [(Int32, Int32)] = [(-1, EINTR), (-1, EINTR), (7, 0)]
    func call() -> Int32 {
      let (result, code) = results.removeFirst()
      errno = code
      return result
    }
    #expect(try uninterrupted(call) == 7)
    results = [(-1, EINTR), (-1, EBADF), (7, 0)]
    #expect(throws: Errno(EBADF)) { try uninterrupted(call) }
    #expect(results.count == 1)
  }
}
