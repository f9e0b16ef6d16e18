/// What a descriptor is ready for, or waited for.
public struct Readiness: OptionSet, Sendable {
  /// Bits.
  public let rawValue: UInt8

  /// A set of these bits.
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// Bytes or connections can be taken, or the peer has hung up.
  public static let read = Readiness(rawValue: 1)
  /// Bytes can be given.
  public static let write = Readiness(rawValue: 2)
}

/// The loop that tells the ``ControlServer`` which of its descriptors are ready.
///
/// Level-triggered: it calls ``ControlServer/handle(_:ready:now:handler:)`` as long as a descriptor
/// is ready for what it is watched for. A hang-up or an error counts as ready for reading and
/// writing.
public protocol DescriptorPoller: AnyObject {
  /// Begins to watch a descriptor, or changes what it is watched for; never for nothing, but for
  /// the listening socket, which may rest a while.
  func watch(_ descriptor: Int32, for events: Readiness)
  /// Ends watching; called before the descriptor is closed.
  func unwatch(_ descriptor: Int32)
}
