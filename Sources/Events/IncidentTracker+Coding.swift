public import Series

extension IncidentTracker {
  private static let formatVersion: UInt8 = 1

  /// All incidents, as bytes.
  public func encode() -> [UInt8] {
    var writer = ByteWriter()
    writer.write(IncidentTracker.formatVersion)
    writer.write(UInt8(incidents.count))
    for incident in incidents {
      writer.write(incident.id.high)
      writer.write(incident.id.low)
      writer.write(incident.opened.nanoseconds)
      writer.write(incident.began.nanoseconds)
      writer.write(incident.closed.nanoseconds)
      writer.write(incident.size)
      writer.write(incident.severity.rawValue)
      IncidentMembership.encode(incident.events, to: &writer)
      writer.write(UInt32(incident.open.count))
      // In order, so that the same state gives the same bytes.
      for (id, metric) in incident.open.sorted(by: { $0.value.text < $1.value.text }) {
        writer.write(id.high)
        writer.write(id.low)
        writer.write(metric.text)
      }
    }
    return writer.bytes
  }

  /// The incidents that ``encode()`` wrote.
  /// - Throws: ``ByteReaderError`` for anything else.
  public init(decoding bytes: [UInt8]) throws(ByteReaderError) {
    var reader = ByteReader(bytes)
    let version = try reader.readUInt8()
    guard version == IncidentTracker.formatVersion else {
      throw .outOfRange(offset: 0, value: Int64(version))
    }
    let count = try reader.readUInt8()
    guard count <= IncidentTracker.maximumIncidents else {
      throw .outOfRange(offset: 1, value: Int64(count))
    }
    for _ in 0..<count {
      var incident = Incident(
        id: try EventID(from: &reader), opened: try reader.readMoment(),
        began: try reader.readMoment())
      incident.closed = try reader.readMoment()
      incident.size = try reader.readCount()
      incident.severity = try reader.readCase(Severity.init(rawValue:))
      incident.events = try IncidentMembership.decode(from: &reader)
      for _ in 0..<(try reader.readUInt32()) {
        let id = try EventID(from: &reader)
        incident.open[id] = try reader.readMetric()
      }
      incidents.append(incident)
    }
    try reader.requireEnd()
  }
}

extension IncidentMembership {
  func encode(to writer: inout ByteWriter) {
    writer.write(id.high)
    writer.write(id.low)
    writer.write(position)
    writer.write(size)
    writer.write(open)
    IncidentMembership.encode(events, to: &writer)
  }

  init(from reader: inout ByteReader) throws(ByteReaderError) {
    self.init(
      id: try EventID(from: &reader), position: try reader.readCount(),
      size: try reader.readCount(),
      open: try reader.readCount(), events: try IncidentMembership.decode(from: &reader))
  }

  fileprivate static func encode(_ events: [Reference], to writer: inout ByteWriter) {
    writer.write(UInt8(events.count))
    for event in events {
      writer.write(event.id.high)
      writer.write(event.id.low)
      writer.write(event.metric.text)
      writer.write(event.began.nanoseconds)
    }
  }

  fileprivate static func decode(
    from reader: inout ByteReader
  ) throws(ByteReaderError) -> [Reference] {
    let offset = reader.offset
    let count = try reader.readUInt8()
    guard count <= maximumListed else { throw .outOfRange(offset: offset, value: Int64(count)) }
    var events: [Reference] = []
    for _ in 0..<count {
      events.append(
        Reference(
          id: try EventID(from: &reader), metric: try reader.readMetric(),
          began: try reader.readMoment()))
    }
    return events
  }
}

extension EventID {
  init(from reader: inout ByteReader) throws(ByteReaderError) {
    self.init(high: try reader.readUInt64(), low: try reader.readUInt64())
  }
}

extension ByteReader {
  mutating func readMetric() throws(ByteReaderError) -> MetricName {
    let start = offset
    do {
      return try MetricName(validating: try readString())
    } catch let error as ByteReaderError {
      throw error
    } catch {
      throw .outOfRange(offset: start, value: Int64(offset - start))
    }
  }
}
