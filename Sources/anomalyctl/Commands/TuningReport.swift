import CommandLine
import Config
import Evaluation
import Models
import Series

/// The results of `anomalyctl tune`, for people and for scripts.
struct TuningReport {
  /// The measures of the chosen parameters on the held-out rows; nil without labels.
  var heldOut: Scorecard?
  /// Root mean squared errors of forecasts there over the last value's.
  var forecastRatios: [Double] = []
  /// Where the model was written; nil if it was not.
  var written: String?
  private let tuner: Tuner
  private let best: Tuner.Trial
  private let options: TuningOptions

  init(_ tuner: Tuner, best: Tuner.Trial, options: TuningOptions) {
    self.tuner = tuner
    self.best = best
    self.options = options
  }

  private static let mostTrials = 8

  private var measure: String { options.measure?.rawValue ?? "log-likelihood" }

  /// The report for people.
  func lines(_ console: Console) -> [String] {
    let names = options.parameters.map(\.name)
    var table = Table([.number("trial"), .number(measure)] + names.map { Table.Column.number($0) })
    let order = tuner.trials.indices.sorted { one, other in
      let (first, second) = (tuner.trials[one].value, tuner.trials[other].value)
      return (first.isFinite ? first : -.infinity, other) > (
        second.isFinite ? second : -.infinity, one
      )
    }
    for index in order.prefix(TuningReport.mostTrials) {
      let trial = tuner.trials[index]
      table.add(
        [Table.Cell("\(index + 1)"), Table.Cell(EvaluationTables.fixed(trial.value))]
          + trial.parameters.map { Table.Cell(HumanNumber.value($0)) })
    }
    var lines = table.lines(width: console.width, style: console.style)
    let rest = tuner.trials.count - TuningReport.mostTrials
    if rest > 0 { lines.append("... and \(HumanNumber.counted(rest, "trial")) more") }
    lines.append("")
    if let importance = tuner.importance {
      let order = importance.indices.sorted { importance[$0] > importance[$1] }
      lines.append(
        "Importance, as the share of the variation that each parameter explains alone: "
          + order.map { "\(names[$0]) \(HumanNumber.percent(importance[$0]))" }
          .joined(separator: ", ") + ".")
    }
    lines += held
    lines += [""] + advice
    if let written { lines.append("wrote \(Layout.printable(written))") }
    return lines
  }

  /// The results on the held-out rows, which no choice was based on.
  private var held: [String] {
    var parts: [String] = []
    if let heldOut {
      let fixed = EvaluationTables.fixed
      parts.append(
        "event F1 \(fixed(heldOut.value(.eventF1))) (\(heldOut.events.found) of "
          + "\(heldOut.events.anomalies.count) found, "
          + "\(HumanNumber.counted(heldOut.events.falseAlarms.count, "false alarm"))), point F1 "
          + fixed(heldOut.points.f1))
    }
    if let worst = forecastRatios.max() {
      parts.append(
        "forecast RMSE \(EvaluationTables.fixed(worst)) times that of repeating the "
          + "last value at most")
    }
    return parts.isEmpty
      ? [] : ["Held out, the last 20% of the rows, judged once: \(parts.joined(separator: ", "))."]
  }

  private var chosen: [(name: String, value: Double)] {
    zip(options.parameters.map(\.name), best.parameters).map { ($0, $1) }
  }

  /// What to write where.
  private var advice: [String] {
    guard let training = options.training else {
      var lines = ["[Metric \(options.tables.first?.columns.first ?? "NAME")]"]
      for (name, value) in chosen {
        switch name {
        case "budget": lines.append("AlarmBudget=\(Int(value))")
        case "merge":
          let nanoseconds = options.tables.map(\.interval).max() ?? 0
          lines.append("Merge=\(TimeSpan.format(.nanoseconds(nanoseconds) * Int(value)))")
        default: break
        }
      }
      return lines
    }
    // Round numbers read better, and work as well.
    let words = chosen.map {
      "--\($0.name) \(HumanNumber.fixed($0.value, decimals: 5, trimmed: true))"
    }
    return [
      "anomalyctl train \(training.kind.name) FILE... \(words.joined(separator: " ")) -o OUT.model"
    ]
  }

  struct JSON: Encodable {
    struct Trial: Encodable {
      var parameters: [String: Double]
      var value: Double?
    }

    var measure: String
    var trials: [Trial]
    var best: Trial
    var importance: [String: Double]?
    var heldOutEvents: EventsJSON?
    var heldOutPoints: PointsJSON?
    var section: [String]

    enum CodingKeys: String, CodingKey {
      case measure, trials, best, importance, section
      case heldOutEvents = "held_out_events"
      case heldOutPoints = "held_out_points"
    }
  }

  /// The report for scripts.
  var json: JSON {
    let names = options.parameters.map(\.name)
    func json(_ trial: Tuner.Trial) -> JSON.Trial {
      JSON.Trial(
        parameters: Dictionary(
          zip(names, trial.parameters), uniquingKeysWith: { first, _ in first }),
        value: trial.value.isFinite ? trial.value : nil)
    }
    return JSON(
      measure: measure, trials: tuner.trials.map(json), best: json(best),
      importance: tuner.importance.map {
        Dictionary(zip(names, $0), uniquingKeysWith: { first, _ in first })
      },
      heldOutEvents: heldOut.map { EventsJSON($0.events) },
      heldOutPoints: heldOut.map { PointsJSON($0.points) }, section: advice)
  }
}
