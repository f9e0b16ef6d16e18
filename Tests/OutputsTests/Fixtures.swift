import Detection
import FoundationEssentials
import Glibc
import Outputs
import Series
import Support

let cpu = MetricName(sanitizing: "cpu.busy")

/// The event number `index` of a made-up metric: opened every 100 seconds.
func event(
  _ index: Int = 0,
  value: Double = 97.125,
  lower: Double = 8,
  upper: Double = 17,
  closedAfter seconds: Double? = nil
) -> Event {
  let opened = Timestamp(seconds: 1_700_000_000 + Double(index) * 100)
  return Event(
    id: EventID(metric: cpu, opened: opened, hostSeed: 1),
    metric: cpu,
    opened: opened,
    closed: seconds.map { opened.advanced(by: .milliseconds(Int($0 * 1000))) },
    value: value,
    expected: 12.5,
    lower: lower,
    upper: upper,
    score: 4.25,
    peakScore: 5.5,
    reason: .jump
  )
}

func noTime() -> Timestamp { Timestamp(nanoseconds: 0) }

/// The ids of the events in a file of JSON lines; fails on a line that is no whole event.
func ids(_ path: String) throws -> [String] {
  try contents(path).split(separator: "\n").map {
    try JSONDecoder().decode(Line.self, from: Data($0.utf8)).id
  }
}

struct Line: Decodable {
  var id: String
  var metric: String
  var state: String
  var opened: String
  var closed: String?
  var value: Double?
  var expected: Double?
  var lower: Double?
  var upper: Double?
  var score: Double
  var peak_score: Double
  var reason: String
  var explanation: String
}
