/// How many of the newest frames made sense, to tell a wrong setting from a bad moment.
struct SerialQuality {
  /// Frames that are looked back at.
  static let window = 32
  /// Frames that must be there before anything is said.
  static let needed = 16

  /// Whether most of the newest frames are malformed.
  private(set) var isBad = false
  /// How many frames are looked back at now.
  private(set) var seen = 0
  private var malformed: UInt32 = 0
  private var noise: UInt32 = 0

  /// How many of them are malformed.
  var malformedCount: Int { malformed.nonzeroBitCount }
  /// How many of those have unprintable bytes.
  var noiseCount: Int { noise.nonzeroBitCount }

  /// Takes the outcome of one frame.
  mutating func add(isMalformed: Bool, isNoise: Bool) {
    malformed = malformed << 1 | (isMalformed ? 1 : 0)
    noise = noise << 1 | (isNoise ? 1 : 0)
    seen = min(seen + 1, SerialQuality.window)
    if seen >= SerialQuality.needed, malformedCount * 2 > seen { isBad = true }
    // Far below the other threshold, so that it does not go to and fro.
    if malformedCount * 4 < seen { isBad = false }
  }
}
