public import Series

/// Groups events of one host that overlap in time into incidents.
///
/// An incident lasts from the beginning of its first event to the close of its last one, plus
/// ``joiningGap``, during which another event may still join it. All in event time, so that samples
/// that are read again give the same incidents.
public struct IncidentTracker: Sendable {
  /// How long after the close of its last event another one may join an incident.
  public static let joiningGap = Duration.seconds(300)
  /// How long after its opening an incident admits further events: one that lasts for days must not
  /// swallow unrelated ones.
  public static let joiningTime = Duration.seconds(86_400)
  /// The most incidents that are remembered; beyond that the oldest is forgotten, and an event of it
  /// that is still open is an incident of its own.
  public static let maximumIncidents = 64

  /// In the order in which they opened.
  var incidents: [Incident] = []

  /// No incidents.
  public init() {}

  /// The incidents that have an open event or may still be joined, in the order in which they opened.
  public var all: [Incident] { incidents }

  /// The membership of an event after its newest step; nil if its incident is not known.
  public func membership(of event: EventID) -> IncidentMembership? {
    incidents.last { $0.has(event) }?.membership(of: event)
  }

  /// Takes a step in the life of an event.
  /// - Parameter lastSeen: until when the metric of an open event can be assumed to be anomalous: the
  ///   time stamp of its newest sample, and a little more, so that an event of a metric that has
  ///   stopped does not keep its incident open for ever.
  /// - Returns: the membership of the event after the step.
  public mutating func note(
    _ transition: EventTransition, lastSeen: (MetricName) -> Timestamp?
  ) -> IncidentMembership {
    let event = transition.event
    let known = incidents.lastIndex { $0.has(event.id) }
    if case .closed = transition {
      guard let known else { return Incident(event, open: false).membership(of: event.id) }
      incidents[known].close(event)
      return incidents[known].membership(of: event.id)
    }
    let place = known ?? joinable(event, lastSeen) ?? begin(event)
    incidents[place].admit(event)
    return incidents[place].membership(of: event.id)
  }

  /// Keeps only the events of `open`, after a restart that has lost others.
  public mutating func retain(_ open: Set<EventID>) {
    for index in incidents.indices { incidents[index].retain(open) }
  }

  /// The newest incident that an event overlaps, and so joins.
  private func joinable(_ event: Event, _ lastSeen: (MetricName) -> Timestamp?) -> Int? {
    incidents.lastIndex { incident in
      let age = event.opened.elapsed(since: incident.opened)
      guard age < IncidentTracker.joiningTime,
        incident.began <= event.opened.advanced(by: IncidentTracker.joiningGap)
      else { return false }
      return event.began <= incident.end(lastSeen).advanced(by: IncidentTracker.joiningGap)
    }
  }

  private mutating func begin(_ event: Event) -> Int {
    incidents.removeAll { incident in
      incident.open.isEmpty
        && incident.closed.advanced(by: IncidentTracker.joiningGap) < event.began
    }
    if incidents.count == IncidentTracker.maximumIncidents {
      incidents.remove(at: incidents.firstIndex { $0.open.isEmpty } ?? 0)
    }
    incidents.append(Incident(event, open: true))
    return incidents.count - 1
  }
}

extension IncidentTracker {
  /// Version 1 had no attributions.
  private static let formatVersion: UInt8 = 2

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
      writer.write(UInt8(incident.attributions.count))
      for attribution in incident.attributions { attribution.encode(to: &writer) }
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
    guard (1...IncidentTracker.formatVersion).contains(version) else {
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
      if version > 1 {
        for _ in 0..<(try reader.readUInt8()) {
          incident.attributions.append(try Attribution(from: &reader))
        }
      }
      for _ in 0..<(try reader.readUInt32()) {
        let id = try EventID(from: &reader)
        incident.open[id] = try reader.readMetric()
      }
      incidents.append(incident)
    }
    try reader.requireEnd()
  }
}
