import CSystemd
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

  @Test func `lets only owner and group use the socket, whatever the umask`() throws {
    let usual = umask(0o077)
    defer { umask(usual) }
    let server = try server()
    var facts = stat()
    #expect(stat(folder.socket, &facts) == 0)
    #expect(facts.st_mode & 0o777 == 0o660)
    server.close()
  }

  @Test func `lets the group that may make changes use the socket as well`() throws {
    let group: UInt32 = 4_321
    let server = try ControlServer(
      path: folder.socket,
      identity: ServiceIdentity(vendor: "v", product: "p", version: "1", url: "u"),
      authority: ChangeAuthority(users: [], group: group), poller: loop)
    defer { server.close() }
    var list = [UInt8](repeating: 0, count: 256)
    let count = getxattr(folder.socket, "system.posix_acl_access", &list, list.count)
    #expect(count == 4 + 5 * 8)
    let entry = [8, 0, 6, 0] + (0..<4).map { UInt8(truncatingIfNeeded: group >> ($0 * 8)) }
    #expect(count < 28 || Array(list[20..<28]) == entry)
    var facts = stat()
    #expect(stat(folder.socket, &facts) == 0)
    #expect(facts.st_mode & 0o777 == 0o660)
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
