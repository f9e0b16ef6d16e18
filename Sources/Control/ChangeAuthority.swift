internal import Glibc

/// Who may make changes; everyone who can open the socket may read.
///
/// A method that changes something takes a ``ChangePermit``, which only ``Caller/permit()``
/// creates: without one it cannot be called.
public struct ChangeAuthority: Equatable, Sendable {
  /// The permitted users: root, and the daemon's own user, who could do as much by other means.
  public let users: Set<UInt32>
  /// The permitted group; nil if the host has no such group.
  public let group: UInt32?

  /// The group that the package creates for this.
  public static let groupName = "anomalyd-admin"

  /// These users and the members of this group.
  public init(users: Set<UInt32>, group: UInt32?) {
    self.users = users
    self.group = group
  }

  /// The rules of this host; looks up the group, which may take a moment.
  public static func ofHost() -> ChangeAuthority {
    ChangeAuthority(
      users: [0, geteuid()],
      group: getgrnam(groupName).map { $0.pointee.gr_gid }
    )
  }

  /// Whether that peer may make changes.
  public func permits(_ peer: PeerCredentials) -> Bool {
    users.contains(peer.uid)
      || group.map { $0 == peer.gid || peer.groups.contains($0) } ?? false
  }
}

/// The originator of a call.
public struct Caller: Sendable {
  /// The peer at the time of connecting.
  public let peer: PeerCredentials
  private let authority: ChangeAuthority

  /// The peer of a connection, under the host's rules.
  init(_ peer: PeerCredentials, under authority: ChangeAuthority) {
    self.peer = peer
    self.authority = authority
  }

  /// Permission to make a change.
  /// - Throws: ``ControlError/permissionDenied``.
  func permit() throws(ControlError) -> ChangePermit {
    guard authority.permits(peer) else { throw .permissionDenied }
    return ChangePermit(user: peer.uid)
  }
}

/// Permission to make a change, and its holder.
public struct ChangePermit: Equatable, Sendable {
  /// The caller's user id.
  public let user: UInt32

  /// For tests of what a permit allows; otherwise ``Caller/permit()`` creates it.
  package init(user: UInt32) {
    self.user = user
  }
}

/// The peer of a Unix socket (`SO_PEERCRED`, `SO_PEERGROUPS`) at the time of connecting.
public struct PeerCredentials: Equatable, Sendable {
  /// Process id, 0 if unknown.
  public let pid: Int32
  /// User id.
  public let uid: UInt32
  /// Group id.
  public let gid: UInt32
  /// The ids of the supplementary groups; empty if unknown.
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
