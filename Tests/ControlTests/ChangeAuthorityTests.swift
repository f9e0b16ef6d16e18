import Control
import Glibc
import Testing

@Suite struct ChangeAuthorityTests {
  @Test(arguments: [
    (PeerCredentials(pid: 1, uid: 0, gid: 0, groups: []), true),
    (PeerCredentials(pid: 1, uid: 812, gid: 812, groups: []), true),
    (PeerCredentials(pid: 1, uid: 1000, gid: 1000, groups: [4, 24]), false),
    (PeerCredentials(pid: 1, uid: 1000, gid: 990, groups: []), true),
    (PeerCredentials(pid: 1, uid: 1000, gid: 1000, groups: [4, 990]), true),
    (PeerCredentials(pid: 0, uid: .max, gid: .max, groups: []), false),
  ])
  func `permits root, the daemon's own user and the group`(
    peer: PeerCredentials,
    permitted: Bool
  ) {
    #expect(ChangeAuthority(users: [0, 812], group: 990).permits(peer) == permitted)
  }

  @Test func `without such a group, permits no group`() {
    let nobody = PeerCredentials(pid: 1, uid: 1000, gid: .max, groups: [])
    #expect(!ChangeAuthority(users: [0], group: nil).permits(nobody))
  }

  @Test func `knows the peer's user and groups`() {
    var pair: [Int32] = [-1, -1]
    #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
    defer { pair.forEach { close($0) } }
    var groups = [gid_t](repeating: 0, count: 65_536)
    let count = getgroups(Int32(groups.count), &groups)
    let peer = PeerCredentials(socket: pair[0])
    #expect(peer.pid == getpid())
    #expect(peer.uid == geteuid())
    #expect(peer.gid == getegid())
    #expect(Set(peer.groups) == Set(groups.prefix(Int(count))))
  }

  @Test func `this host's rules permit root`() {
    #expect(ChangeAuthority.ofHost().users.isSuperset(of: [0, geteuid()]))
  }
}
