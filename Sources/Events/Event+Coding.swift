import Detection
public import Series

/// The format in which an event was written; later cases are newer.
public enum EventFormat: UInt8, Comparable, Sendable {
  /// By version 0.1: without ``Event/present`` and ``Event/closing``.
  case version01 = 0
  /// Without ``Event/recurrence``.
  case withoutRecurrence = 1
  /// Without ``Event/columns``.
  case withoutColumns = 2
  /// By this version.
  case current = 3

  /// Whether `lhs` came earlier.
  public static func < (lhs: EventFormat, rhs: EventFormat) -> Bool {
    lhs.rawValue < rhs.rawValue
  }
}

extension Event {
  /// Whether all properties have the same bits: an unknown number equals itself.
  public static func == (lhs: Event, rhs: Event) -> Bool {
    func bytes(_ event: Event) -> [UInt8] {
      var writer = ByteWriter()
      event.encode(to: &writer)
      return writer.bytes
    }
    return lhs.metric == rhs.metric && bytes(lhs) == bytes(rhs)
  }

  /// Appends every property except the metric's name.
  public func encode(to writer: inout ByteWriter) {
    writer.write(id.high)
    writer.write(id.low)
    switch cause {
    case .evidence(let evidence):
      writer.write(UInt8(0))
      writer.write(evidence.id)
    case .limit(let bound):
      writer.write(UInt8(1))
      writer.write(bound)
    case .silentInput: writer.write(UInt8(2))
    case .hostLimit(let id, let bound):
      writer.write(UInt8(3))
      writer.write(id)
      writer.write(bound)
    case .test: writer.write(UInt8(4))
    case .missedVisit: writer.write(UInt8(5))
    }
    writer.write(direction.rawValue)
    writer.write(severity.rawValue)
    writer.write(began.nanoseconds)
    writer.write(opened.nanoseconds)
    for moment in [updated, closed] {
      writer.write(moment != nil)
      if let moment { writer.write(moment.nanoseconds) }
    }
    writer.write(update != nil)
    if let update { writer.write(update.rawValue) }
    writer.write(ending.rawValue)
    for number in [value, expected, lower, upper, level, usual, peakValue] { writer.write(number) }
    for number in [present.value, present.expected, present.lower, present.upper] {
      writer.write(number)
    }
    writer.write(score)
    writer.write(peakScore)
    writer.write(peakAt.nanoseconds)
    writer.write(UInt8(samples.count))
    for sample in samples {
      writer.write(sample.timestamp.nanoseconds)
      writer.write(sample.value)
    }
    writer.write(symbols != nil)
    symbols?.encode(to: &writer)
    writer.write(incident != nil)
    incident?.encode(to: &writer)
    writer.write(closing != nil)
    if let closing {
      writer.write(closing.user)
      writer.write(closing.reason)
    }
    writer.write(recurrence != nil)
    recurrence?.encode(to: &writer)
    ColumnFact.encode(columns, to: &writer)
  }

  /// The event of `metric` written by ``encode(to:)``.
  /// - Parameter format: its format.
  /// - Throws: ``ByteReaderError`` for anything else.
  public init(
    metric: MetricName, from reader: inout ByteReader, format: EventFormat = .current
  ) throws(ByteReaderError) {
    let id = EventID(high: try reader.readUInt64(), low: try reader.readUInt64())
    let cause = try EventCause(from: &reader)
    let direction: Direction = try reader.readCase(Direction.init(rawValue:))
    let severity: Severity = try reader.readCase(Severity.init(rawValue:))
    let began = try reader.readMoment()
    let opened = try reader.readMoment()
    let updated = try reader.readBool() ? try reader.readMoment() : nil
    let closed = try reader.readBool() ? try reader.readMoment() : nil
    let update = try reader.readBool() ? try reader.readCase(EventUpdate.init(rawValue:)) : nil
    let ending: EventEnding = try reader.readCase(EventEnding.init(rawValue:))
    self.init(
      id: id, metric: metric, cause: cause, direction: direction, severity: severity,
      began: began, opened: opened, closed: closed, value: try reader.readDouble(),
      expected: try reader.readDouble(), lower: try reader.readDouble(),
      upper: try reader.readDouble(), level: try reader.readDouble(),
      usual: try reader.readDouble())
    self.updated = updated
    self.update = update
    self.ending = ending
    peakValue = try reader.readDouble()
    if format > .version01 {
      present = Reading(
        value: try reader.readDouble(), expected: try reader.readDouble(),
        lower: try reader.readDouble(), upper: try reader.readDouble())
    }
    score = try reader.readFloat()
    peakScore = try reader.readFloat()
    peakAt = try reader.readMoment()
    let offset = reader.offset
    let count = try reader.readUInt8()
    guard count <= Event.maximumSamples else {
      throw .outOfRange(offset: offset, value: Int64(count))
    }
    for _ in 0..<count {
      samples.append(
        Sample(timestamp: try reader.readMoment(), value: try reader.readDouble()))
    }
    if try reader.readBool() { symbols = try SymbolFacts(from: &reader) }
    if try reader.readBool() { incident = try IncidentMembership(from: &reader) }
    if format > .version01, try reader.readBool() {
      closing = ManualClosing(user: try reader.readUInt32(), reason: try reader.readString())
    }
    if format > .withoutRecurrence, try reader.readBool() {
      recurrence = try Recurrence(from: &reader)
    }
    if format > .withoutColumns { columns = try ColumnFact.decode(from: &reader) }
  }
}

extension EventCause {
  fileprivate init(from reader: inout ByteReader) throws(ByteReaderError) {
    let offset = reader.offset
    switch try reader.readUInt8() {
    case 0: self = .evidence(try reader.readCase(Evidence.init(id:)))
    case 1: self = .limit(bound: try reader.readDouble())
    case 2: self = .silentInput
    case 3: self = .hostLimit(try reader.readUInt8(), bound: try reader.readDouble())
    case 4: self = .test
    case 5: self = .missedVisit
    case let other: throw .outOfRange(offset: offset, value: Int64(other))
    }
  }
}

extension ByteReader {
  mutating func readMoment() throws(ByteReaderError) -> Timestamp {
    Timestamp(nanoseconds: try readInt64())
  }

  mutating func readCase<Case>(
    _ make: (UInt8) -> Case?
  ) throws(ByteReaderError) -> Case {
    let start = offset
    let stored = try readUInt8()
    guard let result = make(stored) else { throw .outOfRange(offset: start, value: Int64(stored)) }
    return result
  }
}
