/// The operations that a descriptor is ready for, or watched for.
public struct Readiness: OptionSet, Sendable {
  /// Bits.
  public let rawValue: UInt8

  /// A set of these bits.
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// Bytes can be read or connections accepted, or the peer has hung up.
  public static let read = Readiness(rawValue: 1)
  /// Bytes can be written.
  public static let write = Readiness(rawValue: 2)
}

/// The loop that reports to the ``ControlServer`` which of its descriptors are ready.
///
/// Level-triggered: it calls ``ControlServer/handle(_:ready:now:handler:)`` as long as a descriptor
/// is ready for a watched operation. A hang-up or an error counts as ready for reading and writing.
public protocol DescriptorPoller: AnyObject {
  /// Starts watching a descriptor, or changes the watched operations. That set is never empty,
  /// except for the listening socket while it is paused.
  func watch(_ descriptor: Int32, for events: Readiness)
  /// Stops watching; called before the descriptor is closed.
  func unwatch(_ descriptor: Int32)
}
