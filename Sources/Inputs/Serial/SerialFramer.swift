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
    /// A frame with unprintable bytes, as far as it is in ``bytes``.
    case noise
    /// A frame that is longer than ``SerialLimits/frameBytes``.
    case tooLong
    /// A line that stopped in its middle.
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

  /// Takes the next byte for the first of a frame; nothing has begun.
  mutating func synchronize() {
    if !hasBegun { isSkipping = false }
  }

  /// Reports what there is, and skips the rest of the frame, piece by piece.
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
