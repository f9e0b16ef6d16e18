public import CommandLine
public import Config
public import Series

/// A section `[Output NAME]`, which creates the output that it describes.
public protocol OutputSection: ComponentSection {
  /// `Members=`: whether the events of incidents are emitted too.
  var members: Bool { get set }

  /// `Heartbeat=`: how often the output gets a heartbeat; nil: never.
  var heartbeat: Duration? { get }

  /// The output `name`.
  func make(name: String, in surroundings: OutputSurroundings) -> any Output

  /// A short description of the destination.
  func target(name: String) -> String
}

extension OutputSection {
  /// `Members=`.
  static func membersKey(_ path: any WritableKeyPath<Self, Bool> & Sendable) -> Key<Self> {
    Key(
      "Members", path, .truth,
      "Whether to emit the individual events of incidents as well, rather than only the incidents.")
  }

  /// `Type=`.
  public func target(name: String) -> String { Self.typeName }
}

/// What an output needs in addition to its section.
public struct OutputSurroundings {
  /// The time of day.
  public var clock: () -> Timestamp
  /// The style of lines on standard output.
  public var style: Style
  /// The directory for persistent state.
  public var stateDirectory: String

  /// These surroundings.
  public init(clock: @escaping () -> Timestamp, style: Style, stateDirectory: String) {
    self.clock = clock
    self.style = style
    self.stateDirectory = stateDirectory
  }
}
