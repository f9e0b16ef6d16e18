import Glibc

/// What is fed: tables of metrics, a row every so many seconds, for so many days.
struct SoakPlan: Sendable {
  let metrics: Int
  let days: Int
  /// Seconds from one row to the next.
  let interval: Int

  /// 2023-11-15T00:00:00Z, in seconds since 1970.
  static let start = 1_700_006_400
  /// Rows that come at once: those of an hour.
  var rowsInHour: Int { max(1, 3_600 / interval) }
  /// A table may have 1,024 columns.
  static let widest = 1_000

  /// How many metrics each table has.
  var tables: [Int] {
    stride(from: 0, to: metrics, by: SoakPlan.widest).map { min(SoakPlan.widest, metrics - $0) }
  }

  /// Samples in all metrics up to the end of an hour of the run.
  func samples(after hours: Int) -> Int { metrics * rowsInHour * hours }
}

/// Synthetic rows of a table: waves of a day and a week, steps, near-constants, heavy tails, huge and tiny
/// numbers, gaps; anomalies in all of them, now and then.
struct SoakRows {
  private let count: Int
  private let interval: Int
  private var random: UInt64
  private var levels: [Double]
  private var text: [UInt8] = []

  init(table: Int, metrics: Int, interval: Int) {
    count = metrics
    self.interval = interval
    random = 0x9E37_79B9_7F4A_7C15 &* UInt64(table + 1)
    levels = Array(repeating: 50, count: metrics)
  }

  /// The first line.
  var head: [UInt8] {
    Array(("time," + (0..<count).map { "m\($0)" }.joined(separator: ",") + "\n").utf8)
  }

  /// Rows, of which the first has this number since the beginning.
  mutating func rows(from first: Int, count rows: Int) -> [UInt8] {
    text.removeAll(keepingCapacity: true)
    for row in first..<first + rows {
      let time = SoakPlan.start + row * interval
      text += Array("\(time)".utf8)
      let day = sin(Double(time % 86_400) / 86_400 * 2 * .pi)
      let week = sin(Double(time % 604_800) / 604_800 * 2 * .pi)
      for metric in 0..<count {
        text.append(UInt8(ascii: ","))
        if let value = value(of: metric, day, week) { append(value) }
      }
      text.append(UInt8(ascii: "\n"))
    }
    return text
  }

  /// nil: a gap.
  private mutating func value(of metric: Int, _ day: Double, _ week: Double) -> Double? {
    let noise = uniform() + uniform() + uniform() - 1.5
    let isOff = uniform() < 5e-5
    switch metric % 8 {
    case 0: return 50 + 10 * day + noise + (isOff ? 40 : 0)
    case 1: return 50 + 5 * day + 5 * week + noise + (isOff ? -40 : 0)
    case 2:
      // Returns to its level slowly, and jumps to another one.
      levels[metric] += 0.02 * (50 - levels[metric]) + noise + (isOff ? 30 : 0)
      return levels[metric]
    case 3: return isOff ? 1 : 0
    case 4: return exp(2 * noise) * (isOff ? 1_000 : 1)
    case 5: return 1e11 * (2 + day + 0.05 * noise) * (isOff ? 3 : 1)
    case 6: return 1e-3 * (2 + week + 0.05 * noise) * (isOff ? 3 : 1)
    default: return uniform() < 0.02 ? nil : (50 + 10 * noise).rounded() + (isOff ? 100 : 0)
    }
  }

  /// Three decimals, or more for small values.
  private mutating func append(_ value: Double) {
    let decimals = abs(value) < 1 ? 6 : 3
    let scale = decimals == 6 ? 1e6 : 1e3
    let scaled = Int((abs(value) * scale).rounded())
    if value < 0 { text.append(UInt8(ascii: "-")) }
    text += Array(String(scaled / Int(scale)).utf8)
    let fraction = String(scaled % Int(scale))
    text.append(UInt8(ascii: "."))
    for _ in fraction.utf8.count..<decimals { text.append(UInt8(ascii: "0")) }
    text += Array(fraction.utf8)
  }

  /// Between 0 and 1, by xorshift64.
  private mutating func uniform() -> Double {
    random ^= random << 13
    random ^= random >> 7
    random ^= random << 17
    return Double(random >> 11) / Double(1 << 53)
  }
}
