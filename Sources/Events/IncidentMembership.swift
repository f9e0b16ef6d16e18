public import Series

/// The place of an event in its incident, as the incident stood at the event's newest step.
///
/// Events of one host that overlap in time share an incident. For one message per fault, group by
/// ``id``, which every event of an incident carries from its opening to its close.
public struct IncidentMembership: Codable, Equatable, Sendable {
  /// Maximum number of listed events; ``size`` counts them all.
  public static let maximumListed = 32

  /// An event of the incident, by reference.
  public struct Reference: Codable, Equatable, Sendable {
    /// Its id.
    public var id: EventID
    /// Its metric.
    public var metric: MetricName
    /// When its evidence began.
    public var began: Timestamp

    /// A reference to the event with these properties.
    public init(id: EventID, metric: MetricName, began: Timestamp) {
      self.id = id
      self.metric = metric
      self.began = began
    }
  }

  /// The incident's id, derived from the event with which it opened, even if another one turns out to
  /// have begun earlier. It never changes.
  public var id: EventID
  /// The place of this event in the order in which the events began, from 1. It can move up when an
  /// event turns out to have begun earlier.
  public var position: Int
  /// How many events the incident has had so far, open or closed.
  public var size: Int
  /// How many of them are open after this step; 0: the incident is over unless another event joins
  /// within the joining gap.
  public var open: Int
  /// The events in the order in which they began, including this one, at most ``maximumListed``.
  public var events: [Reference]

  /// A membership with these parts.
  public init(id: EventID, position: Int, size: Int, open: Int, events: [Reference]) {
    self.id = id
    self.position = position
    self.size = size
    self.open = open
    self.events = events
  }
}

extension IncidentMembership {
  func encode(to writer: inout ByteWriter) {
    writer.write(id.high)
    writer.write(id.low)
    writer.write(count: position)
    writer.write(count: size)
    writer.write(count: open)
    IncidentMembership.encode(events, to: &writer)
  }

  init(from reader: inout ByteReader) throws(ByteReaderError) {
    self.init(
      id: try EventID(from: &reader), position: try reader.readCount(),
      size: try reader.readCount(),
      open: try reader.readCount(), events: try IncidentMembership.decode(from: &reader))
  }

  static func encode(_ events: [Reference], to writer: inout ByteWriter) {
    writer.write(UInt8(events.count))
    for event in events { event.encode(to: &writer) }
  }

  static func decode(
    from reader: inout ByteReader
  ) throws(ByteReaderError) -> [Reference] {
    let offset = reader.offset
    let count = try reader.readUInt8()
    guard count <= maximumListed else { throw .outOfRange(offset: offset, value: Int64(count)) }
    var events: [Reference] = []
    for _ in 0..<count { events.append(try Reference(from: &reader)) }
    return events
  }
}

extension IncidentMembership.Reference {
  func encode(to writer: inout ByteWriter) {
    writer.write(id.high)
    writer.write(id.low)
    writer.write(metric.text)
    writer.write(began.nanoseconds)
  }

  init(from reader: inout ByteReader) throws(ByteReaderError) {
    self.init(
      id: try EventID(from: &reader), metric: try reader.readMetric(),
      began: try reader.readMoment())
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
