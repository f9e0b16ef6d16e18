public import Series

extension Incident {
  /// Appends its complete state.
  public func encode(to writer: inout ByteWriter) {
    writer.write(id.high)
    writer.write(id.low)
    for moment in [opened, began, closed] { writer.write(moment.nanoseconds) }
    writer.write(count: size)
    writer.write(UInt8(members.count))
    for member in members { member.encode(to: &writer) }
    writer.write(UInt32(open.count))
    // In order, so that the same state gives the same bytes.
    for (id, metric) in open.sorted(by: { $0.value.text < $1.value.text }) {
      writer.write(id.high)
      writer.write(id.low)
      writer.write(metric.text)
      writer.write(counting.contains(id))
    }
    writer.write(UInt8(attributions.count))
    for attribution in attributions { attribution.encode(to: &writer) }
    writer.write(state.rawValue)
    writer.write(severity.rawValue)
    writer.write(count: counted)
    writer.write(count: metrics)
    writer.write(UInt8(subsystems.count))
    // Each by one of its metrics, from which it is derived.
    for subsystem in subsystems { writer.write(subsystem.metric.text) }
    for event in [lead, change] {
      writer.write(event != nil)
      guard let event else { continue }
      writer.write(event.metric.text)
      event.encode(to: &writer)
    }
    for moment in [notified, changeDue, closeDue] {
      writer.write(moment != nil)
      if let moment { writer.write(moment.nanoseconds) }
    }
    for told in [before, told] {
      writer.write(told.severity.rawValue)
      writer.write(count: told.subsystems)
    }
    writer.write(settling.components.seconds)
    writer.write(settling.components.attoseconds)
  }

  /// The incident written by ``encode(to:)``.
  /// - Parameter format: the format of its events.
  /// - Throws: ``ByteReaderError`` for anything else.
  public init(
    from reader: inout ByteReader, events format: EventFormat = .current
  ) throws(ByteReaderError) {
    self.init(
      id: try EventID(from: &reader), opened: try reader.readMoment(),
      began: try reader.readMoment())
    closed = try reader.readMoment()
    size = try reader.readCount()
    for _ in 0..<(try reader.readCount(atMost: Incident.maximumListed)) {
      members.append(try IncidentMember(from: &reader))
    }
    for _ in 0..<(try reader.readUInt32()) {
      let id = try EventID(from: &reader)
      open[id] = try reader.readMetric()
      if try reader.readBool() { counting.insert(id) }
    }
    for _ in 0..<(try reader.readCount(atMost: Attribution.maximum)) {
      attributions.append(try Attribution(from: &reader))
    }
    state = try reader.readCase(State.init(rawValue:))
    severity = try reader.readCase(Severity.init(rawValue:))
    counted = try reader.readCount()
    metrics = try reader.readCount()
    for _ in 0..<(try reader.readCount(atMost: Incident.maximumSubsystems)) {
      subsystems.append(Subsystem(of: try reader.readMetric()))
    }
    lead = try reader.readEvent(format)
    change = try reader.readEvent(format)
    notified = try reader.readOptionalMoment()
    changeDue = try reader.readOptionalMoment()
    closeDue = try reader.readOptionalMoment()
    before = try reader.readTold()
    told = try reader.readTold()
    let start = reader.offset
    let seconds = try reader.readInt64()
    settling = Duration(
      secondsComponent: seconds, attosecondsComponent: try reader.readInt64())
    guard (.zero ... .seconds(86_400)).contains(settling) else {
      throw .outOfRange(offset: start, value: seconds)
    }
  }

  /// The incident as stored by version 1, which does not say which events count. It had the id of
  /// its first event.
  init(format1 reader: inout ByteReader) throws(ByteReaderError) {
    let event = try EventID(from: &reader)
    let opened = try reader.readMoment()
    self.init(
      id: EventID(incidentOf: event, at: opened), opened: opened, began: try reader.readMoment())
    closed = try reader.readMoment()
    size = try reader.readCount()
    let severity: Severity = try reader.readCase(Severity.init(rawValue:))
    members = try IncidentMembership.decode(from: &reader).map {
      IncidentMember(reference: $0, severity: severity, peakScore: 0)
    }
    for _ in 0..<(try reader.readUInt32()) {
      let id = try EventID(from: &reader)
      open[id] = try reader.readMetric()
    }
  }
}

extension ByteReader {
  fileprivate mutating func readCount(atMost limit: Int) throws(ByteReaderError) -> Int {
    let start = offset
    let count = Int(try readUInt8())
    guard count <= limit else { throw .outOfRange(offset: start, value: Int64(count)) }
    return count
  }

  fileprivate mutating func readOptionalMoment() throws(ByteReaderError) -> Timestamp? {
    try readBool() ? try readMoment() : nil
  }

  fileprivate mutating func readEvent(
    _ format: EventFormat
  ) throws(ByteReaderError) -> Event? {
    guard try readBool() else { return nil }
    let metric = try readMetric()
    return try Event(metric: metric, from: &self, format: format)
  }

  fileprivate mutating func readTold() throws(ByteReaderError) -> Incident.Told {
    Incident.Told(
      severity: try readCase(Severity.init(rawValue:)), subsystems: try readCount())
  }
}
