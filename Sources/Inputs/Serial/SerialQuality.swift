/// How many of the newest frames made sense, to tell a wrong setting from a bad moment.
struct SerialQuality {
  /// A change of mind.
  enum Change: Equatable {
    /// Most of the newest frames are malformed; `noise` of those had unprintable bytes.
    case bad(malformed: Int, noise: Int, of: Int)
    /// Most of them make sense again.
    case good
  }

  /// Frames that are looked back at.
  static let window = 32
  /// Frames that must be there before anything is said.
  static let needed = 16

  private var malformed: UInt32 = 0
  private var noise: UInt32 = 0
  private var seen = 0
  private var isBad = false

  /// Takes the outcome of one frame.
  mutating func add(isMalformed: Bool, isNoise: Bool) -> Change? {
    malformed = malformed << 1 | (isMalformed ? 1 : 0)
    noise = noise << 1 | (isNoise ? 1 : 0)
    seen = min(seen + 1, SerialQuality.window)
    let bad = malformed.nonzeroBitCount
    if !isBad, seen >= SerialQuality.needed, bad * 2 > seen {
      isBad = true
      return .bad(malformed: bad, noise: noise.nonzeroBitCount, of: seen)
    }
    // Far below the other threshold, so that it does not go to and fro.
    if isBad, bad * 4 < seen {
      isBad = false
      return .good
    }
    return nil
  }
}
