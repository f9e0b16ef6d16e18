/// Splits a stream of bytes into frames.
///
/// The first frame is skipped unless the line was seen quiet before it: its beginning may be
/// missing, and the end of a number is a number too.
struct SerialFramer {
  /// What a byte, or a pause, has completed.
  enum Step: Equatable {
    /// Nothing yet.
    case more
    /// The frame in ``bytes``, ``count`` long, until the next step.
    case frame
    /// A frame with unprintable bytes; its beginning is in ``bytes``.
    case noise
    /// A frame that is longer than ``SerialLimits/frameBytes``.
    case tooLong
    /// A line that stopped halfway.
    case half
  }

  /// The bytes of the frame; meaningful up to ``count``.
  private(set) var bytes = [UInt8](repeating: 0, count: SerialLimits.frameBytes)
  /// The length of the frame.
  private(set) var count = 0
  private var oddBytes = 0
  private var hasControl = false
  private var isComplete = false
  private var isSkipping = true
  private let isByLine: Bool

  init(isByLine: Bool) {
    self.isByLine = isByLine
  }

  /// Whether a frame has begun.
  var hasBegun: Bool { !isComplete && count > 0 }

  /// Resets: the stream begins again, at an unknown point.
  mutating func restart() {
    clear()
    isSkipping = true
  }

  /// Processes one byte.
  mutating func take(_ byte: UInt8) -> Step {
    if isComplete { clear() }
    if isByLine, byte == 0x0A || byte == 0x0D { return end() }
    let isControl = byte < 0x20 ? byte != 0x09 && byte != 0x0A && byte != 0x0D : byte == 0x7F
    if isControl { hasControl = true }
    if isControl || byte >= 0x80 { oddBytes += 1 }
    bytes[count] = byte
    count += 1
    if count >= SerialLimits.noiseBytes, oddBytes * 4 >= count { return giveUp(.noise) }
    return count == SerialLimits.frameBytes ? giveUp(.tooLong) : .more
  }

  /// Ends the frame.
  mutating func end() -> Step {
    if isComplete { clear() }
    guard !isSkipping else {
      clear()
      isSkipping = false
      return .more
    }
    guard count > 0 else { return .more }
    isComplete = true
    return hasControl ? .noise : .frame
  }

  /// Discards a line that has begun: it will not continue.
  mutating func abandon() -> Step {
    guard hasBegun else { return .more }
    let wasSkipping = isSkipping
    isComplete = true
    isSkipping = false
    return wasSkipping ? .more : .half
  }

  /// Treats the next byte as the first of a frame; nothing has begun.
  mutating func synchronize() {
    if !hasBegun { isSkipping = false }
  }

  /// Reports the bytes so far, and skips the rest of the frame, piece by piece.
  private mutating func giveUp(_ step: Step) -> Step {
    isComplete = true
    isSkipping = true
    return step
  }

  private mutating func clear() {
    count = 0
    oddBytes = 0
    hasControl = false
    isComplete = false
  }
}

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
