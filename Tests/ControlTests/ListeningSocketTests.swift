import Control
import ControlSupport
import Glibc
import System
import Testing

@Suite struct ListeningSocketTests {
  let folder = Folder()
  let loop = PollLoop()

  func server(_ path: String? = nil) throws(ControlServerError) -> ControlServer {
    try ControlServer(
      path: path ?? folder.socket,
      identity: ServiceIdentity(vendor: "v", product: "p", version: "1", url: "u"),
      poller: loop
    )
  }

  @Test func `lets owner and group use the socket, nobody else, whatever the umask`() throws {
    let usual = umask(0o077)
    defer { umask(usual) }
    let server = try server()
    var facts = stat()
    #expect(stat(folder.socket, &facts) == 0)
    #expect(facts.st_mode & 0o777 == 0o660)
    server.close()
  }

  @Test func `removes its file when it closes, and stops watching`() throws {
    let server = try server()
    server.close()
    #expect(access(folder.socket, F_OK) != 0)
    #expect(loop.watched.isEmpty)
    server.close()
  }

  @Test func `replaces the socket of a daemon that was killed`() throws {
    // Bound and closed without unlinking, as a killed process does.
    close(bindSocket(folder.socket))
    #expect(access(folder.socket, F_OK) == 0)
    let server = try server()
    let client = RawClient(folder.socket)
    client.call(#"{"method":"io.anomalyd.Status"}"#)
    loop.settle(server, SampleHandler())
    #expect(client.replies().count == 1)
  }

  @Test func `does not replace a daemon that answers`() throws {
    let first = try server()
    #expect(throws: ControlServerError.alreadyServed(folder.socket)) { try server() }
    let client = RawClient(folder.socket)
    client.call(#"{"method":"io.anomalyd.Status"}"#)
    loop.settle(first, SampleHandler())
    #expect(client.replies().count == 1)
  }

  @Test func `does not remove the socket of a later daemon`() throws {
    let first = try server()
    unlink(folder.socket)
    let second = try server()
    first.close()
    #expect(access(folder.socket, F_OK) == 0)
    second.close()
  }

  @Test func `does not remove a file that is no socket`() throws {
    close(open(folder.socket, O_CREAT | O_WRONLY, 0o600))
    #expect(throws: ControlServerError.notASocket(folder.socket)) { try server() }
    #expect(access(folder.socket, F_OK) == 0)
  }

  @Test func `reports what is wrong with the path`() throws {
    let long = "/tmp/" + String(repeating: "x", count: 103)
    #expect(throws: ControlServerError.badPath(long, maximum: 107)) { try server(long) }
    let deep = folder.path + "/a/b/s"
    let expected = ControlServerError.system(
      operation: "create the directory of", path: deep, errno: Errno(ENOENT))
    #expect(throws: expected) { try server(deep) }
    #expect("\(expected)" == "cannot create the directory of \(deep): No such file or directory")
  }
}
