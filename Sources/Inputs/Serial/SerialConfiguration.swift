/// How a serial line is set, cut into lines, and read.
public struct SerialConfiguration: Equatable, Sendable {
  /// What ends a frame, the unit that is read as one set of values.
  public enum Framing: Equatable, Sendable {
    /// A line end: LF, CR or both.
    case line
    /// Silence of at least this length. For senders without line ends whose pauses are well above
    /// the time for which the daemon may be busy with something else.
    case gap(Duration)
  }

  /// How a frame is written.
  public enum Format: String, Equatable, Sendable {
    /// Values with a delimiter between, named by ``SerialConfiguration/fields``.
    case csv
    /// `name=value` pairs with delimiters between.
    case keyValue = "keyvalue"
    /// One flat JSON object.
    case json
  }

  /// What a field's number is multiplied with, and what is then added.
  public struct Scale: Equatable, Sendable {
    /// The factor.
    public var factor: Double
    /// What is added, in the unit that the result has.
    public var offset: Double

    /// `value * factor + offset`.
    public init(factor: Double, offset: Double = 0) {
      self.factor = factor
      self.offset = offset
    }
  }

  /// The name of the configuration section.
  public var name: String
  /// The device, such as `/dev/ttyUSB0` or a link below `/dev/serial/by-id`.
  public var device: String
  /// Speed and shape of the bits.
  public var line = SerialLine()
  /// What ends a frame.
  public var framing = Framing.line
  /// How a frame is written.
  public var format = Format.csv
  /// Names of the fields. For CSV one for each cell, `-` for cells to leave out; a frame with
  /// another number of cells is malformed. Else the names that are taken; empty for every name that
  /// has been seen in three frames, so that a flipped bit in a name does not make a metric.
  public var fields: [String] = []
  /// The byte between values or pairs; nil for the first of semicolon, tab, comma, pipe and space
  /// that a frame holds.
  public var delimiter: UInt8?
  /// Units, by the name of the field.
  public var scales: [String: Scale] = [:]
  /// What metric names begin with, before a dot and the field's name; empty for none.
  public var prefix: String
  /// How long a kind of problem must stay away before its next occurrence is told again.
  public var quietPeriod = Duration.seconds(300)

  /// A line with every other setting at its default.
  public init(name: String, device: String) {
    self.name = name
    self.device = device
    prefix = name
  }
}

/// The limits of every serial input, so that no sender can grow it.
enum SerialLimits {
  /// The longest frame in bytes; the rest of a longer one is skipped without being kept.
  static let frameBytes = 4_096
  /// How many bytes a frame needs before it can be given up for being mostly unprintable: with a
  /// wrong baud rate a line end may never come.
  static let noiseBytes = 256
  /// The most fields in a frame.
  static let fields = 128
  /// The most metrics of one line.
  static let metrics = 128
  /// The longest name of a field in bytes.
  static let nameBytes = 64
  /// Frames that a name must be seen in before it makes a metric, where fields are not configured.
  static let sightings = 3
  /// How many names that are not yet metrics are remembered.
  static let candidates = 256
  /// Bytes that are read in one poll.
  static let pollBytes = 4_096
  /// A pause within a line after which its beginning is given up. Longer than any sensor computes
  /// between two values of a line, shorter than a reboot of one takes.
  static let stalledLine = Duration.seconds(5)
  /// How long a silent line must stay open to be taken for working.
  static let probation = Duration.seconds(5)
  /// How long a line must have been open for its loss to be told, whenever the last one was.
  static let settledLine = Duration.seconds(60)
  /// How long the line must be quiet for the next byte to count as the first of a line.
  static let quietStart = Duration.milliseconds(200)
}
