/// The limits of every CSV reader, so that no input can grow them.
enum CSVLimits {
  /// The longest line in bytes; the rest of a longer one is skipped without being kept.
  static let lineBytes = 65_536
  /// How many lines one quoted cell may span. Small, so that a stray quote in a slow live file
  /// holds back a few rows only.
  static let linesPerRecord = 8
  /// The most columns that are used.
  static let columns = 1_024
  /// How many of the first lines the layout is taken from.
  static let sampledLines = 16
  /// How many bytes of what was found a notice shows.
  static let shownBytes = 40
  /// How many bytes at the beginning of a file tell it from another.
  static let fingerprintBytes = 1_024
  /// How many rows in a row may run behind before time is taken to have been set back.
  static let rowsBehind = 32
}
