internal import Glibc

/// Who is on the other side of a Unix socket (`SO_PEERCRED`, `SO_PEERGROUPS`), as it was when that
/// one connected.
public struct PeerCredentials: Equatable, Sendable {
  /// Process id, 0 where the system does not tell.
  public let pid: Int32
  /// User id.
  public let uid: UInt32
  /// Group id.
  public let gid: UInt32
  /// The ids of the supplementary groups; empty where the system does not tell.
  public let groups: [UInt32]

  /// These credentials.
  public init(pid: Int32, uid: UInt32, gid: UInt32, groups: [UInt32]) {
    self.pid = pid
    self.uid = uid
    self.gid = gid
    self.groups = groups
  }

  /// This process, as others would see it.
  package static var ofThisProcess: PeerCredentials {
    PeerCredentials(pid: getpid(), uid: geteuid(), gid: getegid(), groups: [])
  }

  /// Who is on the other side of a connected socket.
  package init(socket: Int32) {
    // `struct ucred` of the kernel, which glibc hides without _GNU_SOURCE: pid, uid, gid.
    var facts: [UInt32] = [0, .max, .max]
    var length = socklen_t(facts.count * MemoryLayout<UInt32>.stride)
    getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &facts, &length)
    (pid, uid, gid) = (Int32(bitPattern: facts[0]), facts[1], facts[2])
    groups = PeerCredentials.groups(socket)
  }

  private static func groups(_ socket: Int32) -> [UInt32] {
    // The kernel says how many there are when there is no room for them.
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
