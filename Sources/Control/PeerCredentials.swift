internal import Glibc

/// The peer of a Unix socket (`SO_PEERCRED`, `SO_PEERGROUPS`) at the time of connecting.
public struct PeerCredentials: Equatable, Sendable {
  /// Process id, 0 where it is unknown.
  public let pid: Int32
  /// User id.
  public let uid: UInt32
  /// Group id.
  public let gid: UInt32
  /// The ids of the supplementary groups; empty where they are unknown.
  public let groups: [UInt32]

  /// Creates credentials.
  public init(pid: Int32, uid: UInt32, gid: UInt32, groups: [UInt32]) {
    self.pid = pid
    self.uid = uid
    self.gid = gid
    self.groups = groups
  }

  /// This process, as its peers see it.
  package static var ofThisProcess: PeerCredentials {
    PeerCredentials(pid: getpid(), uid: geteuid(), gid: getegid(), groups: [])
  }

  /// The peer of a connected socket.
  package init(socket: Int32) {
    // `struct ucred` of the kernel, which glibc hides without _GNU_SOURCE: pid, uid, gid.
    var facts: [UInt32] = [0, .max, .max]
    var length = socklen_t(facts.count * MemoryLayout<UInt32>.stride)
    getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &facts, &length)
    (pid, uid, gid) = (Int32(bitPattern: facts[0]), facts[1], facts[2])
    groups = PeerCredentials.groups(socket)
  }

  private static func groups(_ socket: Int32) -> [UInt32] {
    // Without room for them, the kernel reports how many there are.
    var length: socklen_t = 0
    getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, nil, &length)
    guard length > 0 else { return [] }
    var groups = [UInt32](repeating: 0, count: Int(length) / MemoryLayout<UInt32>.stride)
    guard getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, &groups, &length) == 0 else {
      return []
    }
    return Array(groups.prefix(Int(length) / MemoryLayout<UInt32>.stride))
  }
}
