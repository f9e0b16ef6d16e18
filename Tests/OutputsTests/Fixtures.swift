import Detection
import Events
import FoundationEssentials
import Glibc
import Outputs
import Series
import Support

let cpu = MetricName(sanitizing: "cpu.busy")

/// The event number `index` of a synthetic metric: opened every 100 seconds.
func event(
  _ index: Int = 0,
  value: Double = 97.125,
  lower: Double = 8,
  upper: Double = 17,
  cause: EventCause = .evidence(.jump),
  direction: Direction = .high,
  level: Double? = nil,
  usual: Double = .nan,
  closedAfter seconds: Double? = nil
) -> Event {
  let opened = Timestamp(seconds: 1_700_000_000 + Double(index) * 100)
  var event = Event(
    id: EventID(metric: cpu, opened: opened, hostSeed: 1),
    metric: cpu,
    cause: cause,
    direction: direction,
    severity: .warning,
    began: opened.advanced(by: .seconds(-10)),
    opened: opened,
    closed: seconds.map { opened.advanced(by: .milliseconds(Int($0 * 1000))) },
    value: value,
    expected: 12.5,
    lower: lower,
    upper: upper,
    score: 4.25,
    level: level,
    usual: usual,
    samples: [
      Sample(timestamp: opened.advanced(by: .milliseconds(-500)), value: .nan),
      Sample(timestamp: opened, value: 97.125),
    ]
  )
  event.peakScore = 5.5
  event.peakValue = 99.5
  event.peakAt = opened.advanced(by: .seconds(5))
  return event
}

/// The opening, the worsening if there is one, and the close of an incident of these events.
func incident(_ events: Event...) -> [IncidentTransition] {
  var tracker = IncidentTracker()
  func take(_ transition: EventTransition) -> [IncidentTransition] {
    let due = events.flatMap { tracker.advance(to: transition.moment, of: $0.metric) }
    _ = tracker.note(transition) { _ in transition.moment }
    tracker.count(transition, interval: .seconds(1))
    return due
  }
  var steps = events.flatMap { take(.opened($0)) }
  for event in events {
    var event = event
    event.closed = event.closed ?? events.last?.opened.advanced(by: .seconds(20))
    steps += take(.closed(event))
  }
  return steps + tracker.settle()
}

func noTime() -> Timestamp { Timestamp(nanoseconds: 0) }

/// The ids of the events in a file of JSON lines; fails on a line that is not a complete event.
func ids(_ path: String) throws -> [String] {
  try contents(path).split(separator: "\n").map {
    try JSONDecoder().decode(Line.self, from: Data($0.utf8)).id
  }
}

struct Line: Decodable {
  var id: String
  var metric: String
  var state: String
  var update: String?
  var began: String
  var opened: String
  var updated: String?
  var closed: String?
  var value: Double?
  var expected: Double?
  var lower: Double?
  var upper: Double?
  var score: Double
  var peak_score: Double
  var peak_value: Double?
  var peak_at: String
  var duration_seconds: Double
  var severity: String
  var direction: String
  var samples: [[Double?]]
  var reason: String
  var explanation: String
}
