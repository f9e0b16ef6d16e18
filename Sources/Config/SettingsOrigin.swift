/// The place of an assignment.
public struct SettingsOrigin: Equatable, Sendable, CustomStringConvertible {
  /// The file as it was opened.
  public var file: String
  /// The line, the first is 1.
  public var line: Int

  /// `FILE:LINE`.
  public var description: String { "\(file):\(line)" }
}

extension Settings {
  /// Where a key was last assigned; nil where it has its default. For what only a user of the
  /// value can find wrong with it.
  /// - Parameters:
  ///   - section: the header without brackets, such as `Input host`.
  ///   - key: the name before the equals sign.
  public func origin(section: String, key: String) -> SettingsOrigin? {
    origins["\(section)/\(key)"]
  }

  /// Whether all values are the same, wherever they come from.
  public static func == (lhs: Settings, rhs: Settings) -> Bool {
    lhs.agent == rhs.agent && lhs.detector == rhs.detector && lhs.inputs == rhs.inputs
      && lhs.outputs == rhs.outputs && lhs.metrics == rhs.metrics && lhs.silences == rhs.silences
      && lhs.files == rhs.files
  }
}
