internal import Glibc

/// Who may change what the daemon does; who can open its socket may read.
///
/// A method that changes something takes a ``ChangePermit``, and only ``Caller/permit()`` makes one:
/// what has no permit cannot be called at all.
public struct ChangeAuthority: Equatable, Sendable {
  /// The users that may: root, and whom the daemon runs as, who could do as much by other means.
  public let users: Set<UInt32>
  /// The group whose members may; nil where the host has no such group.
  public let group: UInt32?

  /// The group that the package makes for this.
  public static let groupName = "anomalyd-admin"

  /// These users and the members of that group.
  public init(users: Set<UInt32>, group: UInt32?) {
    self.users = users
    self.group = group
  }

  /// As this host has it now: a look into the table of groups, which may take a moment.
  public static func ofHost() -> ChangeAuthority {
    ChangeAuthority(
      users: [0, geteuid()],
      group: getgrnam(groupName).map { $0.pointee.gr_gid }
    )
  }

  /// Whether that one may.
  public func permits(_ peer: PeerCredentials) -> Bool {
    users.contains(peer.uid)
      || group.map { $0 == peer.gid || peer.groups.contains($0) } ?? false
  }
}

/// Who makes a call.
public struct Caller: Sendable {
  /// The process on the other side when it connected.
  public let peer: PeerCredentials
  private let authority: ChangeAuthority

  /// Whoever is on the other side, under the host's rules.
  init(_ peer: PeerCredentials, under authority: ChangeAuthority) {
    self.peer = peer
    self.authority = authority
  }

  /// Leave to change something.
  /// - Throws: ``ControlError/permissionDenied``.
  func permit() throws(ControlError) -> ChangePermit {
    guard authority.permits(peer) else { throw .permissionDenied }
    return ChangePermit(user: peer.uid)
  }
}

/// Leave to change something, and who has it.
public struct ChangePermit: Equatable, Sendable {
  /// The user id of who asks.
  public let user: UInt32

  /// For tests of what a permit allows; else ``Caller/permit()`` makes it.
  package init(user: UInt32) {
    self.user = user
  }
}
