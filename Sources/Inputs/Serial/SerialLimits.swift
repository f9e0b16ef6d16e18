/// The limits of every serial input; no sender can exceed them.
enum SerialLimits {
  /// The longest frame in bytes; the rest of a longer one is skipped without being kept.
  static let frameBytes = 4_096
  /// How many bytes a frame needs before it can be discarded as mostly unprintable: with a wrong
  /// baud rate a line end may never come.
  static let noiseBytes = 256
  /// The maximum number of fields in a frame.
  static let fields = 128
  /// The maximum number of metrics of one line.
  static let metrics = 128
  /// The longest name of a field in bytes.
  static let nameBytes = 64
  /// Frames in which a name must be seen before it becomes a metric, if fields are not configured.
  static let sightings = 3
  /// How many names that are not yet metrics are remembered.
  static let candidates = 256
  /// Bytes read in one poll.
  static let pollBytes = 4_096
  /// A pause within a line after which its beginning is discarded. Longer than any sensor computes
  /// between two values of a line, shorter than its reboot takes.
  static let stalledLine = Duration.seconds(5)
  /// How long a silent line must stay open to count as working.
  static let probation = Duration.seconds(5)
  /// How long a line must have been open for its loss to be reported, whenever the last one was.
  static let settledLine = Duration.seconds(60)
  /// How long the line must be quiet for the next byte to count as the first of a line.
  static let quietStart = Duration.milliseconds(200)
}
