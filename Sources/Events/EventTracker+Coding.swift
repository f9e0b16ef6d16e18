import Detection
public import Series

extension EventTracker {
  /// Version of the stored tracker.
  private static let formatVersion: UInt32 = 8

  /// The format of the event in a tracker of a given version; nil if it cannot be read.
  private static func format(ofVersion version: UInt32) -> EventFormat? {
    switch version {
    case 4: .version01
    case 5: .withoutRecurrence
    case 6, 7: .withoutColumns
    case formatVersion: .current
    default: nil
    }
  }

  /// The newest event, its progress and the memory of earlier ones, as bytes.
  public func encode() -> [UInt8] {
    var writer = ByteWriter()
    writer.write(EventTracker.formatVersion)
    writer.write(!kept.isEmpty)
    if let newest = kept.first, let pacing {
      newest.encode(to: &writer)
      pacing.encode(to: &writer)
      writer.write(abnormalAt.nanoseconds)
      writer.write(quiet)
      writer.write(isDismissed)
    }
    memory.encode(to: &writer)
    return writer.bytes
  }

  /// A tracker that continues from the result of ``encode()``.
  /// - Throws: ``StateDecodingError`` for anything else.
  public init(
    decoding bytes: [UInt8], metric: MetricName, hostSeed: UInt64,
    rules: EventRules = EventRules(), quietSamples: UInt16? = nil
  ) throws(StateDecodingError) {
    self.init(metric: metric, hostSeed: hostSeed, rules: rules, quietSamples: quietSamples)
    var reader = ByteReader(bytes)
    let version: UInt32
    do {
      version = try reader.readUInt32()
    } catch {
      throw .bytes(error)
    }
    guard let format = EventTracker.format(ofVersion: version) else {
      throw .version(found: version, expected: EventTracker.formatVersion)
    }
    do {
      if try reader.readBool() {
        kept = [try Event(metric: metric, from: &reader, format: format)]
        pacing = try UpdatePacing(from: &reader)
        abnormalAt = try reader.readMoment()
        quiet = try reader.readUInt16()
        if format > .version01 { isDismissed = try reader.readBool() }
      }
      if format > .withoutRecurrence {
        memory = try EventMemory(from: &reader, hasWatch: version > 6)
      }
      try reader.requireEnd()
    } catch {
      throw .bytes(error)
    }
  }
}
