import Detection
import Glibc
import Models
import Networks
import Series
import Testing

/// Trained forecasters that new metrics start from.
@Suite struct ForecasterPriorTests {
  /// Hours of a daily and a weekly wave, slightly more than six weeks.
  private static func table(columns: [String] = ["load"]) -> RecordedTable {
    var table = RecordedTable(name: "load.csv", columns: columns)
    var random = XorShift(seed: 5)
    for row in 0..<1100 {
      table.append(at: Timestamp(seconds: 1_700_000_000 + 3600 * Double(row)))
      let day = Double(row) / 24 * 2 * .pi
      for column in columns.indices {
        table[row, column] = 300 + 40 * sin(day) + 25 * cos(day / 7) + 5 * random.gaussian()
      }
    }
    return table
  }

  private static func model(
    _ kind: any ModelKind.Type = ForecasterModel.self, columns: [String] = ["load"],
    change: (inout ModelTraining.Request) -> Void = { _ in }
  ) throws -> TrainedModel {
    var request = ModelTraining.Request(kind)
    request.plan.hidden = [DetectorPrior.shape.hidden]
    request.plan.horizon = 48
    request.plan.epochs = 2
    change(&request)
    return try ModelTraining(request, [table(columns: columns)])
      .run(threads: 2, began: { _, _ in }) { _ in true }
  }

  @Test func `a detector begins with the forecasts of the model`() throws {
    let model = try Self.model()
    #expect(model.clock == .week)
    let prior = try DetectorPrior(model)
    #expect(prior.seen == 1100)
    var weights = ValueDetector(configuration: .init(), scratch: TrainingScratch(), prior: prior)
      .learning.weights
    let table = Self.table()
    let rows = try Recordings.verdicts(model, table)
    let (shape, column) = (DetectorPrior.shape, model.columns[0])
    let step = ForwardStep(shape: shape)
    var state = [Float](repeating: 0, count: shape.stateCount)
    var outputs = [Float](repeating: 0, count: shape.outputLanes)
    var before: Float?
    weights.withUnsafeMutableBufferPointer { floats in
      guard let start = floats.baseAddress else { return }
      let network = Weights(shape: shape, at: start)
      for row in 0..<300 {
        let value = Float((table[row, 0] - column.mean) / column.scale)
        var features = [value, value - (before ?? value)]
        before = value
        let seconds = table.timestamps[row].seconds
        for turns in 1...4 {
          let angle = 2 * Double.pi * seconds / 86_400 * Double(turns)
          features += [Float(sin(angle)), Float(cos(angle))]
        }
        // Of the week since Monday.
        let angle = 2 * Double.pi * (seconds / 86_400 + 3) / 7
        features += [Float(sin(angle)), Float(cos(angle))]
        step.advance(&state, weights: network, features: features)
        step.outputs(&outputs, state: state, weights: network, features: features)
        let forecast = Double(outputs[0]) * column.scale + column.mean
        let expected = rows[row + 1]?.expected[0] ?? .nan
        #expect(abs(forecast - expected) < 1e-3 * column.scale, "row \(row)")
      }
    }
  }

  @Test func `a model without the shape of a detector is refused with a reason`() throws {
    func refusal(_ model: TrainedModel) -> String {
      do throws(PriorRefusal) {
        _ = try DetectorPrior(model)
        return ""
      } catch {
        return error.reason
      }
    }
    let good = try Self.model()
    #expect(refusal(good).isEmpty)
    var young = good
    young.provenance.files[0].rows = 900
    #expect(refusal(young).hasSuffix("expected a model of 1000 rows or more, found 900"))
    let advice = "(train forecaster --units 8 --horizon 48), found "
    for (model, found) in [
      (try Self.model(WindowModel.self), "a model of kind window"),
      (try Self.model(columns: ["a", "b"]), "one of 2 columns"),
      (try Self.model { $0.transform = .difference }, "one of transformed values (difference)"),
      (try Self.model { $0.plan.hidden = [8, 8] }, "one with 8+8 units"),
      (try Self.model { $0.plan.members = 2 }, "one of 2 members"),
      (try Self.model { $0.plan.isStateless = true }, "a stateless one"),
      (try Self.model { $0.plan.horizon = 32 }, "one with horizon 32"),
    ] {
      #expect(refusal(model).hasSuffix(advice + found), "\(refusal(model))")
    }
  }
}
