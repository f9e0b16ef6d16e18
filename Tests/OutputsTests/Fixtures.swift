import Detection
import FoundationEssentials
import Glibc
import Outputs
import Series

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

/// A fresh directory, removed with what is in it when this goes away.
final class Scratch {
  let path: String

  init() {
    path = "/tmp/anomalyd-outputs-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    precondition(mkdir(path, 0o700) == 0, "cannot make \(path)")
  }

  func file(_ name: String) -> String { path + "/" + name }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

func contents(_ path: String) -> String {
  guard let file = fopen(path, "r") else { return "" }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  while case let byte = getc(file), byte != EOF { bytes.append(UInt8(byte)) }
  return String(decoding: bytes, as: UTF8.self)
}

func append(_ text: String, to path: String) {
  guard let file = fopen(path, "a") else { return }
  fputs(text, file)
  fclose(file)
}

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
