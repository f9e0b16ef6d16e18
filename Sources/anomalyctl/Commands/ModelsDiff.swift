import CommandLine
import Detection
import Monitor
import Series

/// The differences between two states of a metric, in words.
struct ModelsDiff {
  private let first: PortableFacts
  private let second: PortableFacts

  /// From the first to the second.
  init(_ first: PortableFacts, _ second: PortableFacts) {
    self.first = first
    self.second = second
  }

  /// One sentence each.
  var lines: [String] {
    guard first.family == second.family else {
      return [
        "one judges \(ModelsDiff.subject(first)), the other \(ModelsDiff.subject(second)): they "
          + "cannot be compared"
      ]
    }
    let lines = [learnt, interval, level, spread, error, belief, symbols, network] + evidence
    let found = lines.compactMap(\.self)
    return found.isEmpty ? ["no difference in what was learnt"] : found
  }

  private static func subject(_ facts: PortableFacts) -> String {
    switch facts.family {
    case .values: "values"
    case .symbols: "a trace"
    case .rows: "rows of a trained model"
    }
  }

  private var learnt: String? {
    let (a, b) = (first.learning.seen, second.learning.seen)
    guard a != b else { return nil }
    let what =
      switch first.family {
      case .values: "sample"
      case .symbols: "trace event"
      case .rows: "row"
      }
    return "learnt from \(HumanNumber.counted(abs(b - a), what)) \(b > a ? "more" : "fewer"): "
      + "\(HumanNumber.count(a)), then \(HumanNumber.count(b))"
  }

  private var interval: String? {
    guard let a = first.interval, let b = second.interval, a > b * 1.1 || b > a * 1.1 else {
      return nil
    }
    return "usual interval: \(HumanNumber.duration(a)), then \(HumanNumber.duration(b))"
  }

  private var level: String? {
    guard let a = first.learning.mean, let b = second.learning.mean,
      let deviation = first.learning.deviation, deviation > 0
    else { return nil }
    let shift = abs(b - a) / deviation
    guard shift >= 0.1 else { return nil }
    let texts = HumanNumber.values([a, b])
    return "usual value: \(texts[0]), then \(texts[1]), \(b > a ? "higher" : "lower") by "
      + "\(HumanNumber.fixed(shift, decimals: 1)) standard deviations"
  }

  private var spread: String? {
    ratio("standard deviation", first.learning.deviation, second.learning.deviation)
  }

  private var error: String? {
    ratio("error of the forecast", first.learning.forecastError, second.learning.forecastError)
  }

  private var belief: String? {
    let (a, b) = (first.learning.belief, second.learning.belief)
    guard abs(a - b) >= 0.05 else { return nil }
    let simple = first.family == .values ? "the last value" : "counts"
    return "confidence in the network over \(simple): \(HumanNumber.percent(a)), then "
      + HumanNumber.percent(b)
  }

  private var symbols: String? {
    guard let a = first.learning.symbols, let b = second.learning.symbols, a != b else {
      return nil
    }
    return "distinct ids: \(a), then \(b)"
  }

  /// The distance between the weights, relative to their size.
  private var network: String? {
    let (a, b) = (first.learning.weights, second.learning.weights)
    guard a != b, a.count == b.count else { return nil }
    var distance = 0.0, size = 0.0
    for (left, right) in zip(a, b) {
      distance += Double((left - right) * (left - right))
      size += Double(left * left)
    }
    guard size > 0 else { return "network weights: unrelated" }
    let updates = abs(second.learning.updates - first.learning.updates)
    return
      "network weights: changed by \(HumanNumber.percent((distance / size).squareRoot())) of "
      + "their size in \(HumanNumber.counted(updates, "update"))"
  }

  private var evidence: [String] {
    first.family.kinds.compactMap { kind in
      let lane = kind.kind.lane
      let (a, b) = (first.learning.usualEvidence, second.learning.usualEvidence)
      guard a.indices.contains(lane), b.indices.contains(lane) else { return nil }
      return ratio("usual \(kind.name) evidence", Double(a[lane]), Double(b[lane]))
    }
  }

  /// A quantity that has changed by at least a tenth.
  private func ratio(_ what: String, _ a: Double?, _ b: Double?) -> String? {
    guard let a, let b, a > 0, b > 0, a > b * 1.1 || b > a * 1.1 else { return nil }
    let texts = HumanNumber.values([a, b])
    return "\(what): \(texts[0]), then \(texts[1]), "
      + "\(HumanNumber.fixed(max(a, b) / min(a, b), decimals: 1)) times as \(b > a ? "large" : "small")"
  }
}
