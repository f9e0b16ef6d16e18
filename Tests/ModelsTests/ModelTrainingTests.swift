import Models
import Networks
import Series
import Testing

@Suite struct ModelTrainingTests {
  private func train(
    _ request: ModelTraining.Request, _ tables: RecordedTable...,
    proceed: (ModelTrainer.Progress) -> Bool = { _ in true }
  ) throws(ModelTraining.Failure) -> TrainedModel {
    try train(request, tables, proceed: proceed)
  }

  private func train(
    _ request: ModelTraining.Request, _ tables: [RecordedTable],
    proceed: (ModelTrainer.Progress) -> Bool = { _ in true }
  ) throws(ModelTraining.Failure) -> TrainedModel {
    try ModelTraining(request, tables).run(threads: 1, began: { _, _ in }, proceed: proceed)
  }

  @Test func `constant and empty columns are dropped and named`() throws {
    let waves = Recordings.waves(rows: 300)
    var table = RecordedTable(name: "x", columns: ["flat", "one", "nothing"])
    for row in 0..<300 {
      table.append(at: waves.timestamps[row])
      table[row, 0] = 7
      table[row, 1] = waves[row, 0]
    }
    let model = try train(Recordings.request(WindowModel.self), table)
    #expect(model.columns.map(\.name) == ["one"])
    #expect(model.provenance.dropped == ["flat is constant", "nothing has no values"])
    let flat = RecordedTable(name: "x", columns: ["flat"])
    #expect(throws: ModelTraining.Failure.noColumns(dropped: [.init(name: "flat", reason: .empty)]))
    {
      try train(Recordings.request(WindowModel.self), flat)
    }
  }

  @Test func `too few rows, and other columns, are refused`() throws {
    let request = Recordings.request(ForecasterModel.self)
    #expect(throws: ModelTraining.Failure.tooFewRows(found: 16, needed: 20)) {
      try train(request, Recordings.waves(rows: 20))
    }
    var other = RecordedTable(name: "other", columns: ["one"])
    other.append(at: Timestamp(seconds: 0))
    #expect(throws: ModelTraining.Failure.otherColumns(name: "other")) {
      try train(request, Recordings.waves(rows: 300), other)
    }
  }

  @Test(arguments: ModelKinds.all.map { $0.name })
  func `the same training gives the same file, whatever the number of threads`(_ name: String)
    throws
  {
    let kind = try #require(ModelKinds.named(name))
    var request = Recordings.request(kind)
    request.plan.epochs = 3
    request.plan.members = 2
    // Classifiers of several recordings hold back different ones for each member.
    let tables = (1...6).map { Recordings.waves(rows: 300, broken: 100..<150, seed: UInt64($0)) }
    let files = try [1, 3, 3].map { threads in
      try ModelTraining(request, tables).run(threads: threads, began: { _, _ in }) { _ in true }
        .bytes
    }
    #expect(files[0] == files[1] && files[1] == files[2])
    request.plan.seed = 2
    #expect(try train(request, tables).bytes != files[0])
  }

  @Test func `members are averaged, and kept as far as they were trained`() throws {
    var request = Recordings.request(WindowModel.self)
    request.plan.epochs = 2
    let table = Recordings.waves(rows: 400)
    let one = try train(request, table)
    request.plan.members = 3
    let three = try train(request, table)
    #expect(three.weights.count == 3 * one.weights.count)
    #expect(Array(three.weights[..<one.weights.count]) == one.weights)
    #expect(try TrainedModel(bytes: three.bytes).bytes == three.bytes)
    let (single, mean) = (
      try Recordings.verdicts(one, table), try Recordings.verdicts(three, table)
    )
    #expect(single[300]?.expected[0] != mean[300]?.expected[0])
    let stopped = try train(request, table) { $0.member < 2 }
    #expect(stopped.plan.members == 2 && stopped.weights.count == 2 * one.weights.count)
  }

  @Test func `ends on request, with the best weights so far`() throws {
    var epochs = 0
    let model = try train(Recordings.request(WindowModel.self), Recordings.waves(rows: 600)) {
      state in
      epochs = state.epoch
      return state.epoch < 3
    }
    #expect(epochs == 3 && model.trainingLosses.count == 3 && model.bestEpoch >= 1)
    #expect(!model.weights.isEmpty)
  }

  @Test func `stops early once the validation loss stops improving`() throws {
    var request = Recordings.request(WindowModel.self)
    request.plan.epochs = 500
    request.plan.patience = 5
    let model = try train(request, Recordings.waves(rows: 400))
    #expect(model.trainingLosses.count < 500)
    #expect(model.trainingLosses.count == model.bestEpoch + 5)
    let best = model.validationLosses[model.bestEpoch - 1]
    #expect(model.validationLosses.allSatisfy { $0 >= best })
  }

  /// Otherwise the future would leak into the training.
  @Test func `scales come from the training part only`() throws {
    var table = Recordings.waves(rows: 500)
    for row in 400..<500 { table[row, 0] += 1000 }
    let model = try train(Recordings.request(WindowModel.self), table)
    #expect(abs(model.columns[0].mean - 50) < 1)
  }

  @Test func `gaps are filled or their rows skipped`() throws {
    var table = Recordings.waves(rows: 400)
    for row in stride(from: 10, to: 400, by: 20) { table[row, 1] = .nan }
    for gaps in RowPreparer.Gaps.allCases {
      var request = Recordings.request(ForecasterModel.self)
      request.gaps = gaps
      let rows = try Recordings.verdicts(try train(request, table), table)
      #expect(rows.count == (gaps == .fill ? 400 : 380))
    }
  }

  @Test func `a break in time begins a new stretch`() throws {
    let model = try train(Recordings.request(ForecasterModel.self), Recordings.waves(rows: 400))
    let whole = Recordings.waves(rows: 300, seed: 2)
    var broken = RecordedTable(name: "broken", columns: whole.columns)
    for row in 0..<300 {
      let pause: Duration = row < 150 ? .zero : .seconds(86_400)
      broken.append(at: whole.timestamps[row].advanced(by: pause))
      for column in 0..<2 { broken[row, column] = whole[row, column] }
    }
    let rows = try Recordings.verdicts(model, broken)
    #expect(rows[149]?.verdict.isKnown == true && rows[150]?.verdict.isKnown == false)
  }

  @Test func `a missing column is refused by name`() throws {
    let model = try train(Recordings.request(WindowModel.self), Recordings.waves(rows: 400))
    var other = RecordedTable(name: "other", columns: ["one"])
    other.append(at: Timestamp(seconds: 0))
    #expect(throws: TrainedModel.ReadingError.missingColumns(["two"])) {
      try Recordings.verdicts(model, other)
    }
  }

  @Test(arguments: ColumnTransform.allCases)
  func `transforms suit a recording whose level grows`(transform: ColumnTransform) throws {
    let waves = Recordings.waves(rows: 800)
    var table = RecordedTable(name: "x", columns: ["price"])
    for row in 0..<800 {
      table.append(at: waves.timestamps[row])
      table[row, 0] = waves[row, 0] * (1 + Double(row) / 100)
    }
    var request = Recordings.request(ForecasterModel.self)
    request.transform = transform
    let model = try train(request, table.rows(0..<600))
    let rows = try Recordings.verdicts(model, table)
    #expect((600..<800).allSatisfy { rows[$0]?.verdict.score.isFinite == true })
  }

  @Test func `a classifier without both kinds of rows is refused`() throws {
    let request = Recordings.request(ClassifierModel.self)
    var table = Recordings.waves(rows: 300)
    #expect(throws: ModelTraining.Failure.noLabels(anomalous: 0, normal: 240)) {
      try train(request, table)
    }
    table.labels = nil
    #expect(throws: ModelTraining.Failure.noLabels(anomalous: 0, normal: 0)) {
      try train(request, table)
    }
  }

  /// Chosen on rows that the network has memorised, a threshold would be too high for others.
  @Test func `a classifier's threshold comes from recordings held back`() throws {
    var tables = (1...6).map { seed in
      Recordings.waves(rows: 300, broken: 100..<150, seed: UInt64(seed))
    }
    let request = Recordings.request(ClassifierModel.self)
    // With a share of 0.2 the fifth is held back. Its labels could not have been learnt from
    // anything.
    tables[4].labels = (0..<300).map { $0 % 3 == 0 }
    let model = try ModelTraining(request, tables).run(threads: 1, began: { _, _ in }) { _ in true }
    func f1(_ rows: [Int: ModelRun.Row], _ labels: [Bool], beyond threshold: Double) -> Double {
      let alarms = labels.indices.filter { rows[$0]?.verdict.distance ?? 0 >= threshold }
      let found = alarms.count { labels[$0] }
      return 2 * Double(found) / Double(alarms.count + labels.count { $0 })
    }
    let threshold = try #require(model.judge.fixedThreshold)
    let rows = try Recordings.verdicts(model, tables[4])
    let labels = try #require(tables[4].labels)
    let best = rows.values.map { f1(rows, labels, beyond: $0.verdict.distance) }.max()
    #expect(abs(f1(rows, labels, beyond: threshold) - (best ?? 0)) < 1e-9)
  }

  /// With a step size of 0, the initial weights are judged: only different rows change the loss.
  @Test func `copies are used for training and never decide when it ends`() throws {
    var request = Recordings.request(WindowModel.self)
    request.plan.learningRate = 0
    request.plan.epochs = 1
    let table = Recordings.waves(rows: 400)
    let plain = try train(request, table)
    request.copies = 3
    let copied = try train(request, table)
    #expect(copied.trainingLosses != plain.trainingLosses)
    #expect(copied.validationLosses == plain.validationLosses)
    #expect(copied.columns == plain.columns)
  }

  @Test func `members of a classifier hold back recordings in turn`() throws {
    let tables = (0..<10).map { index in
      var table = Recordings.waves(rows: 200, broken: 100..<140, seed: UInt64(index))
      // Unlabelled rows have no loss.
      if index == 1 || index == 6 { table.labels = nil }
      return table
    }
    var request = Recordings.request(ClassifierModel.self)
    request.plan.epochs = 2
    request.plan.members = 5
    var losses: [Int: Double] = [:]
    let model = try ModelTraining(request, tables).run(threads: 2, began: { _, _ in }) {
      losses[$0.member] = $0.validationLoss
      return true
    }
    #expect(model.plan.members == 5 && losses.count == 5)
    #expect(losses.filter { $0.value.isNaN }.map(\.key) == [4])
    #expect(model.judge.fixedThreshold?.isFinite == true)
    // One member alone holds back every fifth recording.
    request.plan.members = 1
    _ = try ModelTraining(request, tables).run(threads: 2, began: { _, _ in }) {
      #expect($0.validationLoss.isFinite)
      return true
    }
  }

  @Test func `a stateless forecaster knows no more than the rows of its window`() throws {
    let table = Recordings.waves(rows: 300, seed: 3)
    for isStateless in [true, false] {
      let model = try Recordings.model(ForecasterModel.self) { $0.isStateless = isStateless }
      let whole = try Recordings.verdicts(model, table)
      // One row more: the first row of a stretch has no change.
      let first = 200 - model.plan.window - 1
      let part = try Recordings.verdicts(model, table.rows(first..<201))
      let (long, short) = (whole[200]?.expected, part[200 - first]?.expected)
      #expect(long?.count == 2 && (long == short) == isStateless)
    }
  }

  @Test func `with a baseline, rows are also compared with the beginning of their recording`()
    throws
  {
    func table(_ seed: UInt64, from first: Int) -> RecordedTable {
      var table = Recordings.waves(rows: 1600, seed: seed)
      for row in first..<1500 { table[row, 0] += 20 }
      table.labels = (0..<1600).map { (first..<1500).contains($0) }
      return table
    }
    let tables = (1...6).map { table(UInt64($0), from: 300 + 50 * $0) }
    func model(_ baseline: Int) throws -> TrainedModel {
      var request = Recordings.request(ClassifierModel.self)
      request.plan.baseline = baseline
      request.plan.epochs = 8
      return try ModelTraining(request, tables).run(threads: 2, began: { _, _ in }) { _ in true }
    }
    let with = try model(200)
    #expect(try with.weights.count > model(0).weights.count)
    let rows = try Recordings.verdicts(with, table(9, from: 420))
    #expect((1300..<1500).count { rows[$0]?.verdict.isAlarm == true } > 180)
  }

  @Test func `principal components explain the requested variance`() throws {
    var table = RecordedTable(name: "x", columns: ["a", "b", "c"])
    let waves = Recordings.waves(rows: 500)
    for row in 0..<500 {
      table.append(at: waves.timestamps[row])
      table[row, 0] = waves[row, 0]
      table[row, 1] = 3 * waves[row, 0] + waves[row, 1] / 10
      table[row, 2] = waves[row, 1]
    }
    var request = Recordings.request(AutoencoderModel.self)
    request.plan.epochs = 3
    request.components = 0.95
    let model = try train(request, table)
    #expect(model.components?.count == 2 && model.inputCount == 2)
    #expect((model.components?.share ?? 0) > 0.95)
    #expect(try TrainedModel(bytes: model.bytes).bytes == model.bytes)
    let rows = try Recordings.verdicts(model, table)
    let shares = try #require(rows[400]?.shares)
    #expect(shares.count == 3 && abs(shares.reduce(0, +) - 1) < 1e-9)
    #expect(rows[400]?.expected.count == 3)
  }

  @Test func `an epoch of a long recording has a bounded number of batches`() throws {
    let model = try Recordings.model(AutoencoderModel.self)
    let table = Recordings.waves(rows: 50_000)
    var (preparer, tape) = (model.preparer, model.tape)
    for row in 0..<table.count {
      preparer.append(row, of: table, places: [0, 1], counts: true, to: &tape)
    }
    let source = AutoencoderSource(training: tape, validation: tape, plan: model.plan)
    #expect(model.plan.batch == 16)
    #expect(source.batches(of: .training) == 1000)
    // Every fourth of the 3,124 batches of windows.
    #expect(source.batches(of: .validation) == 782)
  }

  /// Three pairs of sensors of which both show the same: the components have one of each pair.
  @Test(arguments: ["forecaster", "autoencoder", "window"])
  func `a sensor that no longer keeps to the others is found beside the components`(
    kind: String
  ) throws {
    func table(rows: Int, brokenFrom broken: Int, seed: UInt64) -> RecordedTable {
      var table = RecordedTable(name: "x", columns: ["a1", "a2", "b1", "b2", "c1", "c2"])
      var random = XorShift(seed: seed)
      var levels = [0.0, 0, 0]
      for row in 0..<rows {
        table.append(at: Timestamp(seconds: 60 * Double(row)))
        for place in 0..<3 {
          levels[place] = 0.9 * levels[place] + 0.4 * random.gaussian()
          table[row, 2 * place] = levels[place] + 0.05 * random.gaussian()
          table[row, 2 * place + 1] = levels[place] + 0.05 * random.gaussian()
        }
        if row >= broken { table[row, 3] += 0.5 }
      }
      return table
    }
    var request = Recordings.request(try #require(ModelKinds.named(kind)))
    request.plan.epochs = 3
    request.components = 0.9
    let model = try train(request, table(rows: 2000, brokenFrom: 2000, seed: 1))
    #expect(model.components?.count == 3 && model.components?.residualCount == 3)
    #expect(try TrainedModel(bytes: model.bytes).bytes == model.bytes)
    let rows = try Recordings.verdicts(model, table(rows: 600, brokenFrom: 500, seed: 2))
    #expect((500..<600).count { rows[$0]?.verdict.isAlarm == true } > 80)
    #expect((100..<500).count { rows[$0]?.verdict.isAlarm == true } < 4)
    let shares = try #require(rows[520]?.shares)
    #expect(shares[2] + shares[3] > 0.8, "\(shares)")
  }

  /// Eigenvalues of [[2, 1], [1, 2]] are 3 and 1, by hand.
  @Test func `components of two correlated columns are their sum and difference`() throws {
    var rows: [Float] = []
    for index in 0..<1000 {
      let (sum, difference) = (index % 2 == 0 ? 1.0 : -1, index % 4 < 2 ? 1.0 : -1)
      rows += [
        Float(sum * 1.5.squareRoot() + difference / 2.0.squareRoot()),
        Float(sum * 1.5.squareRoot() - difference / 2.0.squareRoot()),
      ]
    }
    let components = try #require(PrincipalComponents(rows, columns: 2, share: 1))
    #expect(abs(components.variances[0] - 3) < 1e-5 && abs(components.variances[1] - 1) < 1e-5)
    let row: [Float] = [0.3, -1.2]
    let back = components.columns(of: components.project(row))
    #expect(abs(back[0] - row[0]) < 1e-5 && abs(back[1] - row[1]) < 1e-5)
  }
}
