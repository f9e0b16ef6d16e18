/// How many of the latest frames were valid, to distinguish a wrong setting from a temporary
/// problem.
struct SerialQuality {
  /// The number of frames considered.
  static let window = 32
  /// The minimum number of frames for a judgement.
  static let needed = 16

  /// Whether most of the latest frames are malformed.
  private(set) var isBad = false
  /// How many frames are considered now.
  private(set) var seen = 0
  private var malformed: UInt32 = 0
  private var noise: UInt32 = 0

  /// How many of them are malformed.
  var malformedCount: Int { malformed.nonzeroBitCount }
  /// How many of those have unprintable bytes.
  var noiseCount: Int { noise.nonzeroBitCount }

  /// Adds the outcome of one frame.
  mutating func add(isMalformed: Bool, isNoise: Bool) {
    malformed = malformed << 1 | (isMalformed ? 1 : 0)
    noise = noise << 1 | (isNoise ? 1 : 0)
    seen = min(seen + 1, SerialQuality.window)
    if seen >= SerialQuality.needed, malformedCount * 2 > seen { isBad = true }
    // Far below the other threshold, for hysteresis.
    if malformedCount * 4 < seen { isBad = false }
  }
}
