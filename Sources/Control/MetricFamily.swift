import Series

/// Samples of one name in the text formats of Prometheus and OpenMetrics.
struct MetricFamily {
  enum Kind: String {
    case gauge
    /// Only ever increases while the process runs; its samples end in `_total`.
    case counter
    /// Facts as labels; its samples end in `_info`.
    case info
  }

  struct Sample {
    var value: Double
    var labels: [(name: String, value: String)]

    init(_ value: Double, _ labels: [(name: String, value: String)] = []) {
      self.value = value
      self.labels = labels
    }
  }

  var kind: Kind
  /// Without the suffix of its type; ends in its unit.
  var name: String
  var unit: String?
  var help: String
  var samples: [Sample]

  /// The lines of the family.
  func text(_ dialect: OpenMetrics.Dialect) -> String {
    let suffix =
      switch kind {
      case .gauge: ""
      case .counter: "_total"
      case .info: "_info"
      }
    // The older format supports neither suffixes separate from the name nor info metrics.
    let family = dialect == .openMetrics ? name : name + suffix
    let type = dialect == .prometheus && kind == .info ? Kind.gauge : kind
    var text = "# HELP \(family) \(escaped(help, quotes: dialect == .openMetrics))\n"
    text += "# TYPE \(family) \(type.rawValue)\n"
    if dialect == .openMetrics, let unit { text += "# UNIT \(family) \(unit)\n" }
    for sample in samples {
      text += name + suffix
      if !sample.labels.isEmpty {
        let labels = sample.labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }
        text += "{" + labels.joined(separator: ",") + "}"
      }
      text += " \(number(sample.value))\n"
    }
    return text
  }

  private func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    if let whole = Int(exactly: value), abs(whole) < 1 << 53 { return String(whole) }
    return value.description
  }

  private func escaped(_ text: String, quotes: Bool) -> String {
    PrintableText.escaped(text) { scalar in
      switch scalar {
      case "\\": "\\\\"
      case "\n": "\\n"
      case "\"" where quotes: "\\\""
      default: nil
      }
    }
  }
}
