import Series

/// The metrics of one line, looked up by the bytes of their names.
struct SerialChannels {
  private struct Channel {
    let name: [UInt8]
    var slot: MetricSlot
    let scale: SerialSection.Scale
    var seenInFrame = 0
    /// The suffix of its numbers; empty for none.
    var unit: [UInt8] = []
    /// A possible ``unit``, and the number of values it was seen in.
    var candidate: (unit: [UInt8], sightings: Int) = ([], 0)
  }

  /// Whether a name has been skipped because there are already ``SerialLimits/metrics``.
  private(set) var isFull = false
  private var channels: [Channel] = []
  /// The channel index of each CSV cell; nil for skipped ones.
  private var cells: [Int?] = []
  private var candidates: [(name: [UInt8], sightings: Int)] = []
  private let configuration: SerialSection
  /// The prefix of metric names, before a dot; empty for none.
  private let prefix: String
  private let isOpen: Bool
  private var expected = 0

  init(_ configuration: SerialSection, prefix: String) {
    self.configuration = configuration
    self.prefix = prefix
    isOpen = configuration.fields.isEmpty
    for field in configuration.fields {
      cells.append(field == "-" ? nil : channels.count)
      if field != "-" { add(Array(field.utf8)) }
    }
  }

  /// The number of channels.
  var count: Int { channels.count }

  /// The channel of a CSV cell.
  func channel(ofCell cell: Int) -> Int? { cells[cell] }

  /// The channel of a name; nil if it is not configured, or not seen often enough yet.
  ///
  /// Does not allocate for a known name, and compares one name if fields come in the same order in
  /// every frame.
  mutating func channel(named range: Range<Int>, in bytes: Span<UInt8>) -> Int? {
    for step in 0..<channels.count {
      let index = (expected + step) % channels.count
      if SerialChannels.matches(channels[index].name, bytes, range) {
        expected = (index + 1) % channels.count
        return index
      }
    }
    return isOpen ? meet(range, bytes) : nil
  }

  /// Marks a channel as having a value in a frame.
  /// - Returns: false if it has one already.
  mutating func mark(_ channel: Int, frame: Int) -> Bool {
    guard channels[channel].seenInFrame != frame else { return false }
    channels[channel].seenInFrame = frame
    return true
  }

  /// The metric of a channel; nil while there is no room for it.
  mutating func metric(_ channel: Int, poll: Int, in sink: some SampleSink) -> MetricID? {
    channels[channel].slot.metric(in: sink, poll: poll)
  }

  /// A value in its metric's unit.
  func scaled(_ value: Double, _ channel: Int) -> Double {
    let scale = channels[channel].scale
    return value * scale.factor + scale.offset
  }

  /// The number before the channel's unit, in a value that is not a plain number. Like a name, a
  /// unit counts once it has been seen often enough, since a corrupted digit may look like one.
  /// - Returns: nil if the value does not end in the channel's unit.
  mutating func number(_ channel: Int, _ bytes: Span<UInt8>, _ text: Range<Int>) -> Double? {
    guard let range = CellUnit.find(bytes, text) else { return nil }
    if channels[channel].unit.isEmpty {
      let unit = range.map { bytes[$0] }
      let sightings =
        channels[channel].candidate.unit == unit ? channels[channel].candidate.sightings + 1 : 1
      channels[channel].candidate = (unit, sightings)
      if sightings >= SerialLimits.sightings { channels[channel].unit = unit }
    }
    return CellUnit.number(bytes, text, unit: channels[channel].unit, decimalComma: true)
  }

  /// Counts the sightings of an unknown name, and makes it a channel after enough of them.
  private mutating func meet(_ range: Range<Int>, _ bytes: Span<UInt8>) -> Int? {
    guard channels.count < SerialLimits.metrics else {
      isFull = true
      return nil
    }
    let known = candidates.indices.first {
      SerialChannels.matches(candidates[$0].name, bytes, range)
    }
    guard let known else {
      // Names seen once are noise; real ones recur.
      if candidates.count == SerialLimits.candidates { candidates.removeAll() }
      candidates.append((range.map { bytes[$0] }, 1))
      return nil
    }
    candidates[known].sightings += 1
    guard candidates[known].sightings >= SerialLimits.sightings else { return nil }
    add(candidates.remove(at: known).name)
    return channels.count - 1
  }

  private mutating func add(_ name: [UInt8]) {
    let text = String(decoding: name, as: UTF8.self)
    let full = prefix.isEmpty ? text : prefix + "." + text
    channels.append(
      Channel(
        name: name,
        slot: MetricSlot(full),
        scale: configuration.scales.first { $0.field == text }
          ?? SerialSection.Scale(field: text, factor: 1)
      )
    )
  }

  private static func matches(
    _ name: [UInt8],
    _ bytes: Span<UInt8>,
    _ range: Range<Int>
  ) -> Bool {
    guard name.count == range.count else { return false }
    for offset in 0..<name.count where bytes[range.lowerBound + offset] != name[offset] {
      return false
    }
    return true
  }
}

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
