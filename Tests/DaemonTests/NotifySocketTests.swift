import Daemon
import Glibc
import Support
import Testing

@Suite struct NotifySocketTests {
  @Test(arguments: [nil, "", "relative", "/" + String(repeating: "x", count: 200)] as [String?])
  func `an invalid address gives no socket`(path: String?) {
    #expect(NotifySocket(path) == nil)
  }

  @Test(arguments: [true, false])
  func `delivers accepted messages without blocking`(isAbstract: Bool) throws {
    let scratch = Scratch()
    let path = isAbstract ? "@" + scratch.path : scratch.file("notify")
    let manager = try #require(Manager(path))
    let socket = try #require(NotifySocket(path))
    #expect(socket.offer("STATUS=first"))
    var taken = 1
    while taken < 100_000, socket.offer("STATUS=more") { taken += 1 }
    #expect(taken < 100_000, "the queue of the manager was to fill up")
    #expect(manager.read() == "STATUS=first")
    #expect(socket.offer("STATUS=again"))
  }

  @Test func `external text creates no assignment of its own`() {
    var sent: [String] = []
    let manager = ServiceManager { sent.append($0) }
    manager.ready(status: "watching /srv/a\nMAINPID=1")
    #expect(manager.status("/srv/\u{1B}[2J\r\u{2028}STOPPING=1"))
    #expect(
      sent == [
        "READY=1\nSTATUS=watching /srv/a␊MAINPID=1",
        "STATUS=/srv/␛[2J␍\u{FFFD}STOPPING=1",
      ])
  }

  @Test func `reports that a message was not accepted if there is no listener`() throws {
    let scratch = Scratch()
    let socket = try #require(NotifySocket(scratch.file("nobody")))
    #expect(!socket.offer("STATUS=x"))
  }
}

/// A service manager that reads on request.
private final class Manager {
  private let descriptor: Int32

  init?(_ path: String) {
    var bytes = Array(path.utf8)
    if bytes.first == 0x40 { bytes[0] = 0 }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    let length = socklen_t(2 + bytes.count)
    let bound = withUnsafePointer(to: &address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
    }
    guard descriptor >= 0, bound == 0 else { return nil }
  }

  func read() -> String {
    var buffer = [UInt8](repeating: 0, count: 100)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
  }

  deinit { close(descriptor) }
}
