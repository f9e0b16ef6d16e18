/// The limits of every CSV reader; input cannot exceed them.
enum CSVLimits {
  /// The longest line in bytes; the rest of a longer one is skipped without being kept.
  static let lineBytes = 65_536
  /// How many lines one quoted cell may span. Small, so that a stray quote in a slow live file
  /// holds back only a few rows.
  static let linesPerRecord = 8
  /// The maximum number of columns used.
  static let columns = 1_024
  /// Number of NUL bytes before text from which they are a hole, of whole disk blocks, and not a
  /// damaged line.
  static let holeBytes = 512
  /// How many of the first lines layout detection examines.
  static let sampledLines = 16
  /// How many it examines if those leave the order of day and month open.
  static let sampledDates = 1_024
  /// How many bytes at the end of a file are examined for the time of its newest row.
  static let newestBytes = 4_096
  /// Maximum number of keys in one file; see `KeyColumn=`.
  static let keys = 10_000
  /// How many bytes at the beginning of a file distinguish it from another.
  static let fingerprintBytes = 1_024
  /// How many bytes before the read position show whether the file is still the same.
  static let tailBytes = 512
  /// The longest unfinished line that is kept from poll to poll instead of being read again.
  static let restBytes = 4_096
  /// How many consecutive rows may go back in time before the clock counts as set back.
  static let rowsBehind = 32
  /// The maximum number of names examined in one directory.
  static let directoryEntries = 20_000
  /// How many names the search for files examines in one poll, except that a directory is always
  /// listed completely.
  static let namesPerStep = 2_000
  /// How many names one search examines.
  static let namesPerSearch = 200_000
  /// How long the search for files pauses afterwards for each name beyond ``namesPerStep``, so that
  /// it takes a small part of the time.
  static let pausePerName = Duration.microseconds(100)
  /// The maximum number of rotated files considered for one file; the newest if there are more.
  static let rotatedFiles = 2_000
  /// How many finished rotated files are remembered.
  static let marks = 4
  /// How many vanished files are remembered in case they reappear under another name.
  static let departed = 64
  /// The maximum number of notices passed on in one call; the rest is counted.
  static let noticesPerDrain = 64
  /// The maximum number of files visited in one poll.
  static let visits = 500
}
