import CommandLine
import Control
import Monitor
import Series

/// The models of the daemon's metrics as a table.
struct ModelsReport {
  let models: [ModelSummary]
  let now: Timestamp

  /// The table in lines, heading first.
  func lines(width: Int? = nil, style: Style = .plain) -> [String] {
    var table = Table([
      .name("metric"), .text("state"), .number("seen"), .text("over").optional(1),
      .number("error").optional(2), .number("skill"), .number("memory").optional(3),
      .text("learning", yields: true),
    ])
    for model in models {
      table.add([
        Table.Cell(model.name), Table.Cell(model.state.rawValue, Phrases.tint(model.state)),
        Table.Cell(HumanNumber.count(model.seen)),
        Table.Cell(model.seconds.map { Phrases.span($0) } ?? "-"),
        Table.Cell(HumanNumber.value(model.error)), Table.Cell(ModelsReport.skill(of: model)),
        Table.Cell(HumanNumber.bytes(model.bytes)),
        Table.Cell(ModelsReport.learning(model, now: now), model.frozenSince.map { _ in .warning }),
      ])
    }
    return table.lines(width: width, style: style)
  }

  /// How much better the forecast is than the last value, such as `12%`; for a trace, the network's
  /// weight relative to the counts.
  static func skill(of model: ModelSummary) -> String {
    if let skill = model.skill { return HumanNumber.percent(skill) }
    return model.kind == .symbols ? HumanNumber.percent(model.belief) : "-"
  }

  /// Whether it learns.
  static func learning(_ model: ModelSummary, now: Timestamp) -> String {
    guard let since = model.frozenSince else {
      return model.kind == .rows ? "calibration" : "yes"
    }
    let text = "frozen since \(Phrases.shortDate(since, now: now))"
    return model.state == .warming ? text + ", learns until warmed up" : text
  }

  /// One model in full.
  static func detail(_ model: ModelSummary, now: Timestamp, style: Style) -> [String] {
    let duration = model.seconds.map { ", about \(Phrases.span($0))" } ?? ""
    let (noun, subject) =
      switch model.kind {
      case .values: ("sample", "values")
      case .symbols: ("trace event", "a trace")
      case .rows: ("row", "rows")
      }
    let updates =
      model.kind == .rows ? "" : ", \(HumanNumber.counted(model.updates, "update"))"
    var lines = [
      "\(style.bold(Layout.printable(model.name))): model of \(subject), \(model.state.rawValue)",
      "  seen      \(HumanNumber.counted(model.seen, noun))\(duration)\(updates)",
    ]
    if let trained = model.trained { lines.append("  trained   \(Layout.printable(trained))") }
    if let error = model.error {
      let compared =
        model.skill.map {
          $0 < 0
            ? ", \(HumanNumber.percent(-$0)) more than repeating the last value"
            : ", \(HumanNumber.percent($0)) less than repeating the last value"
        } ?? ""
      lines.append("  error     \(HumanNumber.value(error)) on average\(compared)")
    }
    let simple = model.kind == .values ? "the last value" : "counts"
    if model.kind != .rows {
      lines.append(
        "  belief    \(HumanNumber.percent(model.belief)) in the network, the rest in \(simple)")
    }
    lines.append("  memory    \(HumanNumber.bytes(model.bytes))")
    lines.append("  learning  \(learning(model, now: now))")
    return lines
  }
}
