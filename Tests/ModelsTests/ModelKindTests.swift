import FoundationEssentials
import Models
import Series
import Support
import Testing

/// Properties of every kind of model.
@Suite struct ModelKindTests {
  static let names = Recordings.variants

  @Test(arguments: names)
  func `finds what breaks the pattern, names the column, and is quiet before`(name: String) throws {
    let model = try Recordings.model(name)
    #expect(model.bestEpoch > 0 && model.trainingLosses.count == model.validationLosses.count)
    let broken = 900..<960
    let rows = try Recordings.verdicts(model, Recordings.waves(rows: 1100, broken: broken, seed: 9))
    let alarms = rows.keys.filter { rows[$0]?.verdict.isAlarm == true }.sorted()
    #expect(alarms.contains { broken.contains($0) })
    #expect(alarms.count { $0 < broken.lowerBound } <= 2)
    let peak = try #require(
      broken.max { rows[$0]?.verdict.score ?? 0 < rows[$1]?.verdict.score ?? 0 })
    let shares = try #require(rows[peak]?.shares)
    #expect(shares[1] > shares[0], "\(shares)")
    #expect(abs(shares.reduce(0, +) - 1) < 1e-9)
  }

  @Test(arguments: names)
  func `a row is judged by preceding rows only`(name: String) throws {
    let model = try Recordings.model(name)
    let table = Recordings.waves(rows: 700, broken: 600..<610, seed: 4)
    let whole = try Recordings.verdicts(model, table)
    let part = try Recordings.verdicts(model, table.rows(0..<601))
    for row in 0..<601 { #expect(whole[row]?.verdict.score == part[row]?.verdict.score) }
  }

  @Test(arguments: names)
  func `a model from a file gives the same scores`(name: String) throws {
    let model = try Recordings.model(name)
    let restored = try TrainedModel(bytes: model.bytes)
    #expect(restored.bytes == model.bytes)
    #expect(restored.provenance == model.provenance && restored.columns == model.columns)
    let table = Recordings.waves(rows: 300, seed: 5)
    let (before, after) = (
      try Recordings.verdicts(model, table), try Recordings.verdicts(restored, table)
    )
    #expect(before.count == 300)
    for row in 0..<300 { #expect(before[row]?.verdict.score == after[row]?.verdict.score) }
  }

  @Test(arguments: names)
  func `a damaged file is refused wherever it is damaged`(name: String) throws {
    let model = try Recordings.model(name)
    let bytes = model.bytes
    for place in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 200)) {
      var damaged = bytes
      damaged[place] ^= 0x10
      #expect(throws: TrainedModel.FileError.self) { try TrainedModel(bytes: damaged) }
    }
    for length in [0, 7, 8, 20, bytes.count - 1] {
      #expect(throws: TrainedModel.FileError.self) {
        try TrainedModel(bytes: Array(bytes[..<length]))
      }
    }
    #expect(throws: TrainedModel.FileError.self) { try TrainedModel(bytes: bytes + [0]) }
  }

  @Test(arguments: names)
  func `the same seed gives the same model`(name: String) throws {
    let (one, other) = (try Recordings.model(name), try Recordings.model(name))
    #expect(one.bytes == other.bytes)
  }

  @Test func `a newer format is reported as such`() throws {
    var bytes = try Recordings.model(WindowModel.self).bytes
    bytes[8] = 9
    #expect(throws: TrainedModel.FileError.otherVersion(9)) { try TrainedModel(bytes: bytes) }
    #expect(throws: TrainedModel.FileError.noModel) { try TrainedModel(bytes: Array("a,b".utf8)) }
  }

  /// Written by version 0.2: `train window --units 2 --window 2 --horizon 1 --epochs 3`.
  @Test func `a model of an earlier format is read`() throws {
    let path = SharedData.projectRoot + "/Tests/Fixtures/window-2.model"
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    #expect(bytes[8] == 2)
    let model = try TrainedModel(bytes: bytes)
    #expect(model.kind == "window" && model.columns.map(\.name) == ["one", "two"])
    #expect(!model.plan.isStateless && model.plan.baseline == 0 && model.plan.seed == 7)
    #expect(try Recordings.verdicts(model, Recordings.waves(rows: 50)).count == 50)
    #expect(try TrainedModel(bytes: model.bytes).bytes == model.bytes)
  }

  /// Written by format version 3, by `train window` with `--components 80%`: what is beside the
  /// components is not in it, and so is not judged.
  @Test func `a model on components of an earlier format is read`() throws {
    let path = SharedData.projectRoot + "/Tests/Fixtures/components-3.model"
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    #expect(bytes[8] == 3)
    let model = try TrainedModel(bytes: bytes)
    #expect(model.components?.count == 2 && model.components?.residualCount == 0)
    #expect(try TrainedModel(bytes: model.bytes).bytes == model.bytes)
  }

  @Test(arguments: ["forecaster", "stateless", "window"])
  func `forecasts a wave better than its last value does`(name: String) throws {
    let model = try Recordings.model(name)
    let table = Recordings.waves(rows: 400, seed: 6)
    let rows = try Recordings.verdicts(model, table)
    var (ours, theirs) = (0.0, 0.0)
    for row in 100..<400 {
      let expected = try #require(rows[row]?.expected[0])
      ours += (table[row, 0] - expected) * (table[row, 0] - expected)
      theirs += (table[row, 0] - table[row - 1, 0]) * (table[row, 0] - table[row - 1, 0])
    }
    #expect(ours < theirs / 4, "\(ours) against \(theirs)")
  }
}
