internal import Glibc

/// Who may make changes; anyone who can open the socket may read.
///
/// A method that changes something takes a ``ChangePermit``, which only ``Caller/permit()``
/// creates: it cannot be called without one.
public struct ChangeAuthority: Equatable, Sendable {
  /// The privileged users: root, and the daemon's own, who could do as much by other means.
  public let users: Set<UInt32>
  /// The privileged group; nil if the host has no such group.
  public let group: UInt32?

  /// The group that the package creates for this.
  public static let groupName = "anomalyd-admin"

  /// These users and the members of that group.
  public init(users: Set<UInt32>, group: UInt32?) {
    self.users = users
    self.group = group
  }

  /// The present state of this host: a group table lookup, which may take a moment.
  public static func ofHost() -> ChangeAuthority {
    ChangeAuthority(
      users: [0, geteuid()],
      group: getgrnam(groupName).map { $0.pointee.gr_gid }
    )
  }

  /// Whether the peer is privileged.
  public func permits(_ peer: PeerCredentials) -> Bool {
    users.contains(peer.uid)
      || group.map { $0 == peer.gid || peer.groups.contains($0) } ?? false
  }
}

/// The originator of a call.
public struct Caller: Sendable {
  /// The process at the other end when it connected.
  public let peer: PeerCredentials
  private let authority: ChangeAuthority

  /// The process at the other end, under the host's rules.
  init(_ peer: PeerCredentials, under authority: ChangeAuthority) {
    self.peer = peer
    self.authority = authority
  }

  /// Permission to change something.
  /// - Throws: ``ControlError/permissionDenied``.
  func permit() throws(ControlError) -> ChangePermit {
    guard authority.permits(peer) else { throw .permissionDenied }
    return ChangePermit(user: peer.uid)
  }
}

/// Permission to change something, and its holder.
public struct ChangePermit: Equatable, Sendable {
  /// The caller's user id.
  public let user: UInt32

  /// For tests of what a permit allows; otherwise created by ``Caller/permit()``.
  package init(user: UInt32) {
    self.user = user
  }
}
