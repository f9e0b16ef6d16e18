import CommandLine
import FoundationEssentials
import Models
import Series

/// A description of a trained model, for people and for scripts.
struct ModelReport {
  private let model: TrainedModel

  init(_ model: TrainedModel) {
    self.model = model
  }

  /// Such as `forecaster of 3 columns, 32 units, 4,832 weights, 24 epochs (best: 14), loss 0.31`.
  var oneLine: String {
    let columns = model.columns.count
    let units = model.plan.hidden.map(String.init).joined(separator: "+")
    var text =
      "\(model.kind) of \(columns) column\(columns == 1 ? "" : "s"), \(units) units, "
      + "\(HumanNumber.count(model.weights.count)) weights, "
      + "\(HumanNumber.count(model.trainingLosses.count)) epochs (best: \(model.bestEpoch))"
    if let loss = bestLoss { text += ", validation loss \(HumanNumber.value(loss))" }
    return text
  }

  private var bestLoss: Double? {
    let index = model.bestEpoch - 1
    guard model.validationLosses.indices.contains(index) else { return nil }
    let loss = model.validationLosses[index]
    return loss.isFinite ? loss : nil
  }

  /// Names and values that describe the model.
  var entries: [(String, String)] {
    var entries: [(String, String)] = [
      ("Kind", model.kind + (ModelKinds.named(model.kind).map { ", \($0.summary)" } ?? "")),
      ("Network", network),
      ("Training", training),
      ("Alarms", alarms),
      ("Interval", interval),
      ("Gaps", model.gaps == .fill ? "filled with the last value" : "rows are skipped"),
      ("Seed", "\(model.plan.seed)"),
      ("Version", "anomalyctl \(model.provenance.version)"),
    ]
    for file in model.provenance.files {
      entries.append(
        (
          "From",
          "\(file.name), \(HumanNumber.count(file.rows)) rows, "
            + "\(file.first.iso8601) to \(file.last.iso8601)"
        ))
    }
    if let components = model.components {
      entries.append(
        (
          "Components",
          "\(components.count) of \(HumanNumber.counted(components.columns, "column")), "
            + "\(HumanNumber.percent(components.share)) of the variance"
        ))
    }
    for dropped in model.provenance.dropped { entries.append(("Left out", dropped)) }
    return entries
  }

  /// The full description for people.
  func lines(_ console: Console) -> [String] {
    let entries = entries
    let width = entries.map(\.0.count).max() ?? 0
    let head = entries.map { name, value in
      let padding = String(repeating: " ", count: width - name.count + 2)
      return console.style.bold(name) + padding + Layout.printable(value)
    }
    var table = Table([.name("column"), .number("mean"), .number("scale"), .text("transform")])
    for column in model.columns {
      table.add([
        Table.Cell(column.name), Table.Cell(HumanNumber.value(column.mean)),
        Table.Cell(HumanNumber.value(column.scale)), Table.Cell(column.transform.rawValue),
      ])
    }
    return head + [""] + table.lines(width: console.width, style: console.style)
  }

  private var network: String {
    (model.plan.members > 1 ? "\(model.plan.members) members, " : "")
      + "\(model.plan.hidden.map(String.init).joined(separator: "+")) units, window "
      + "\(model.plan.window), horizon \(model.plan.horizon), "
      + (model.plan.isStateless ? "stateless, " : "")
      + (model.plan.baseline > 0 ? "baseline \(model.plan.baseline), " : "")
      + "\(HumanNumber.count(model.weights.count)) weights"
  }

  private var training: String {
    var text =
      "\(HumanNumber.count(model.trainingLosses.count)) epochs, best \(model.bestEpoch), batch "
      + "\(model.plan.batch), learning rate \(HumanNumber.value(model.plan.learningRate)), dropout "
      + HumanNumber.value(model.plan.dropout)
    if let loss = bestLoss {
      text +=
        ", loss \(HumanNumber.value(model.trainingLosses[model.bestEpoch - 1])), validation "
        + HumanNumber.value(loss)
    }
    return text
  }

  private var alarms: String {
    let errors = "\(model.judge.errorForm.rawValue) distance of errors"
    switch model.judge.ruleForm {
    case .calibrated(let budget):
      return errors + ", calibrated: one alarm per \(HumanNumber.value(budget)) normal rows"
    case .quantile(let share, let factor):
      return errors + ", beyond \(HumanNumber.value(factor)) times the quantile "
        + "\(HumanNumber.value(share)) of the training"
    case .labelled:
      return
        "probability beyond \(HumanNumber.value(model.judge.fixedThreshold)), the best point F1 in "
        + "training"
    case .fixed(let threshold): return errors + ", beyond \(HumanNumber.value(threshold))"
    }
  }

  private var interval: String {
    model.interval == 0
      ? "not known" : HumanNumber.duration(seconds: Double(model.interval) * 1e-9)
  }

  /// One JSON object.
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return PrintableText.json(String(decoding: try encoder.encode(JSON(model)), as: UTF8.self))
  }

  private struct JSON: Encodable {
    struct Column: Encodable {
      var name: String
      var mean: Double
      var scale: Double
      var transform: String
    }

    struct File: Encodable {
      var name: String
      var rows: Int
      var first: String
      var last: String
    }

    var kind: String
    var units: [Int]
    var window: Int
    var horizon: Int
    var dropout: Double
    var batch: Int
    var learningRate: Double
    var members: Int
    var seed: UInt64
    var weights: Int
    var epochs: Int
    var bestEpoch: Int
    var losses: [Double]
    var validationLosses: [Double?]
    var columns: [Column]
    var leftOut: [String]
    var intervalSeconds: Double
    var gaps: String
    var errors: String
    var threshold: String
    var files: [File]
    var version: String

    enum CodingKeys: String, CodingKey {
      case kind, units, window, horizon, dropout, batch, members, seed, weights, epochs, losses,
        columns
      case gaps, errors, threshold, files, version
      case learningRate = "learning_rate"
      case bestEpoch = "best_epoch"
      case validationLosses = "validation_losses"
      case leftOut = "left_out"
      case intervalSeconds = "interval_seconds"
    }

    init(_ model: TrainedModel) {
      kind = model.kind
      units = model.plan.hidden
      window = model.plan.window
      horizon = model.plan.horizon
      dropout = model.plan.dropout
      batch = model.plan.batch
      learningRate = model.plan.learningRate
      members = model.plan.members
      seed = model.plan.seed
      weights = model.weights.count
      epochs = model.trainingLosses.count
      bestEpoch = model.bestEpoch
      losses = model.trainingLosses.map { $0.isFinite ? $0 : 0 }
      validationLosses = model.validationLosses.map { $0.isFinite ? $0 : nil }
      columns = model.columns.map {
        Column(name: $0.name, mean: $0.mean, scale: $0.scale, transform: $0.transform.rawValue)
      }
      leftOut = model.provenance.dropped
      intervalSeconds = Double(model.interval) * 1e-9
      gaps = model.gaps.rawValue
      errors = model.judge.errorForm.rawValue
      threshold =
        switch model.judge.ruleForm {
        case .calibrated(let budget): "calibrated:\(budget)"
        case .quantile(let share, let factor): "quantile:\(share):\(factor)"
        case .fixed(let value): "fixed:\(value)"
        case .labelled: "labelled:\(model.judge.fixedThreshold ?? 0)"
        }
      files = model.provenance.files.map {
        File(name: $0.name, rows: $0.rows, first: $0.first.iso8601, last: $0.last.iso8601)
      }
      version = model.provenance.version
    }
  }
}
