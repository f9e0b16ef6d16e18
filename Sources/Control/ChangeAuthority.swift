internal import Glibc

/// Who may make changes; everybody who can open the socket may read.
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

  /// These users and the members of that group.
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

/// Permission to make a change, and who has it.
public struct ChangePermit: Equatable, Sendable {
  /// The caller's user id.
  public let user: UInt32

  /// For tests of what a permit allows; otherwise ``Caller/permit()`` creates it.
  package init(user: UInt32) {
    self.user = user
  }
}
