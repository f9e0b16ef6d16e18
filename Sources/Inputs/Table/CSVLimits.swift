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
  /// How many bytes before the place of reading tell whether the file is still the same.
  static let tailBytes = 512
  /// The longest unfinished line that is kept from poll to poll instead of being read again.
  static let restBytes = 4_096
  /// How many rows in a row may run behind before time is taken to have been set back.
  static let rowsBehind = 32
  /// The most names of one directory that are looked at.
  static let directoryEntries = 20_000
  /// The most rotated files that are told apart for one file; of more, the newest.
  static let rotatedFiles = 2_000
  /// How many of the rotated files that are finished are remembered.
  static let marks = 4
  /// How many files that vanished are remembered, should they come back under another name.
  static let departed = 64
  /// The most notices that are handed over at once; the rest is counted.
  static let noticesPerDrain = 64
  /// The most files that are visited in one poll.
  static let visits = 500
}
