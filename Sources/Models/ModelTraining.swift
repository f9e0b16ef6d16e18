import Series

/// A complete training: chooses and standardises columns, trains the network, fits error model and
/// alarm rule.
package struct ModelTraining {
  /// What to train.
  package struct Request: Sendable {
    /// The kind.
    package var kind: any ModelKind.Type
    /// Sizes and training parameters.
    package var plan: ModelPlan
    /// How values are transformed first.
    package var transform = ColumnTransform.none
    /// How gaps are treated.
    package var gaps = RowPreparer.Gaps.fill
    /// Share of the rows, at the end of each recording, that decides when training ends; 0 ..< 1.
    package var validationShare = 0.2
    /// How errors are combined; nil for a multivariate distance, or one without correlations if a
    /// row has more than ``mostCorrelated`` errors.
    package var errors: ErrorModel.Form?
    /// How alarms are decided from them.
    package var rule: AlarmRule.Form
    /// The share of the columns' variance that principal components must explain, which are then
    /// read instead of the columns; nil for the columns themselves.
    package var components: Double?
    /// Number of distorted copies of each recording's training part to learn from in addition; for
    /// a kind that learns from labels, with as many anomalies as that part has.
    package var copies = 0

    /// A request with the defaults of a kind.
    package init(_ kind: any ModelKind.Type) {
      self.kind = kind
      plan = kind.defaults
      rule = kind.isSupervised ? .labelled : .calibrated(budget: 5000)
    }
  }

  /// Why training is impossible.
  package enum Failure: Error, Equatable {
    /// No column has more than one value.
    case noColumns(dropped: [DroppedColumn])
    /// There are too few rows without a break.
    case tooFewRows(found: Int, needed: Int)
    /// A recording has other columns than the first.
    case otherColumns(name: String)
    /// A kind that learns from labels needs normal and anomalous rows in the training part.
    case noLabels(anomalous: Int, normal: Int)
  }

  /// Number of errors per row up to which correlations are worth their cost, which grows
  /// quadratically.
  private static let mostCorrelated = 64

  private let request: Request
  private let tables: [RecordedTable]

  /// A training on recordings that have the same columns.
  package init(_ request: Request, _ tables: [RecordedTable]) {
    self.request = request
    self.tables = tables
  }

  /// Trains.
  /// - Parameters:
  ///   - threads: number of threads.
  ///   - began: called with the columns before training begins.
  ///   - proceed: called after each epoch; false ends the training, with the best model so far.
  package func run(
    threads: Int, began: ([ModelColumn], [DroppedColumn]) -> Void,
    proceed: (ModelTrainer.Progress) -> Bool
  ) throws(Failure) -> TrainedModel {
    let names = tables.first?.columns ?? []
    if let other = tables.first(where: { $0.columns != names }) {
      throw .otherColumns(name: other.name)
    }
    // Scales come from the training part alone.
    let (columns, dropped) = ModelColumn.fit(
      tables.indices.map { tables[$0].rows(0..<border($0)) }, transform: request.transform)
    guard !columns.isEmpty else { throw .noColumns(dropped: dropped) }
    began(columns, dropped)

    let span = tables.map { $0.timestamps.last?.elapsed(since: $0.timestamps[0]) ?? .zero }.max()
    var model = TrainedModel(
      kind: request.kind.name, columns: columns, clock: ClockFeatures(span: span ?? .zero),
      interval: tables.map(\.interval).max() ?? 0, gaps: request.gaps, plan: request.plan,
      weights: [], judge: RowJudge(form: .multivariate, rule: request.rule, width: 0),
      trainingLosses: [], validationLosses: [], bestEpoch: 0,
      provenance: TrainedModel.Provenance())
    model.provenance.validationShare = request.validationShare
    model.provenance.dropped = dropped.map { "\($0.name) \($0.reason.rawValue)" }
    model.provenance.files = tables.filter { $0.count > 0 }.map { table in
      .init(
        name: table.name.split(separator: "/").last.map(String.init) ?? table.name,
        rows: table.count, first: table.timestamps[0], last: table.timestamps[table.count - 1])
    }

    fitComponents(of: &model)
    var (whole, training, validation) = tapes(of: model, member: 0)
    let needed = request.plan.window + request.plan.horizon
    guard !training.windows(of: needed).isEmpty else {
      throw .tooFewRows(found: training.count, needed: needed)
    }
    if request.kind.isSupervised {
      let (anomalous, normal) = (
        training.labels.count { $0 == 1 }, training.labels.count { $0 == 0 }
      )
      guard anomalous > 0, normal > 0 else { throw .noLabels(anomalous: anomalous, normal: normal) }
    }
    var isInterrupted = false
    var heldBack: [RowTape] = []
    for member in 0..<request.plan.members where !isInterrupted {
      if rotates, member > 0 { (_, training, validation) = tapes(of: model, member: member) }
      if rotates { heldBack.append(validation) }
      let outcome = train(request.kind, training, validation, member, threads: threads) { state in
        isInterrupted = !proceed(state)
        return !isInterrupted
      }
      model.plan.members = member + 1
      model.weights += outcome.weights
      guard member == 0 else { continue }
      model.trainingLosses = outcome.trainingLosses
      model.validationLosses = outcome.validationLosses
      model.bestEpoch = outcome.bestEpoch
    }
    fitJudge(of: &model, on: whole, rotates ? heldBack : [validation])
    return model
  }

  /// Number of recordings from which a kind that learns from labels holds back whole ones instead
  /// of the last part of each: anomalies are rarely spread evenly over a recording.
  private static let mostSplit = 4

  private var holdsBackWhole: Bool {
    request.kind.isSupervised && tables.count > ModelTraining.mostSplit
  }

  /// Whether each member holds back different recordings, so that the threshold comes from
  /// probabilities of networks that have not seen the rows, and all members together learn from
  /// every recording.
  private var rotates: Bool {
    holdsBackWhole && request.plan.members > 1 && request.validationShare > 0
  }

  /// The first row of a table's validation part for a member.
  private func split(_ index: Int, member: Int) -> Int {
    let count = tables[index].count
    guard holdsBackWhole else { return count - Int(Double(count) * request.validationShare) }
    // Every fifth recording, for example: spread over the list, in which neighbours are often
    // alike.
    let share = request.validationShare
    let shift = rotates ? Double(member) / Double(request.plan.members) : 0
    // Rounded, so that folds do not overlap because of an error in the last bit.
    func folds(_ index: Int) -> Int { Int((Double(index) * share + shift + 1e-9).rounded(.down)) }
    return folds(index + 1) > folds(index) ? 0 : count
  }

  /// The first row of a table used only for deciding when training ends.
  private func border(_ index: Int) -> Int {
    rotates ? tables[index].count : split(index, member: 0)
  }

  private func fitComponents(of model: inout TrainedModel) {
    guard let share = request.components else { return }
    var rows = RowTape(columns: model.columns.count, clockCount: model.clock.count)
    for index in tables.indices {
      var preparer = model.preparer
      let places = model.places(in: tables[index])
      for row in 0..<border(index) {
        preparer.append(row, of: tables[index], places: places, counts: true, to: &rows)
      }
    }
    model.components = PrincipalComponents(
      rows.filled, columns: model.columns.count, share: share)
  }

  private func tapes(
    of model: TrainedModel, member: Int
  ) -> (whole: RowTape, training: RowTape, validation: RowTape) {
    var (whole, training, validation) = (model.tape, model.tape, model.tape)
    for (index, table) in tables.enumerated() {
      var preparer = model.preparer
      let places = model.places(in: table)
      let split = split(index, member: member)
      let first = whole.count
      var border = first
      for row in 0..<table.count {
        preparer.append(row, of: table, places: places, counts: true, to: &whole)
        if row < split { border = whole.count }
      }
      training.append(whole, rows: first..<border, counts: true)
      for table in copies(of: table.rows(0..<split), seed: model.plan.seed &+ UInt64(index)) {
        var (preparer, tape) = (model.preparer, model.tape)
        for row in 0..<table.count {
          preparer.append(row, of: table, places: places, counts: true, to: &tape)
        }
        training.append(tape, rows: 0..<tape.count, counts: true)
      }
      guard border < whole.count else { continue }
      let lead = max(first, border - model.plan.window)
      validation.append(whole, rows: lead..<border, counts: false)
      validation.append(continuing: whole.rows(border..<whole.count))
    }
    return (whole, training, validation)
  }

  /// Copies of a recording's training part; none if it has no stretch that can be repeated.
  private func copies(of table: RecordedTable, seed: UInt64) -> [RecordedTable] {
    guard request.copies > 0,
      let pattern = DistortedSeries(table, distortion: ModelTraining.distortion)
    else { return [] }
    let anomalies = table.anomalies
    let kinds: [Injection.Kind] = [.level, .collective, .variance, .drift]
    return (0..<request.copies).map { number in
      let seed = seed &+ UInt64(number) &* 0x9E37_79B9
      var copy = pattern.table(name: table.name, rows: table.count, seed: seed)
      guard request.kind.isSupervised else {
        copy.labels = nil
        return copy
      }
      let injections = anomalies.enumerated().map { place, rows in
        Injection(kinds[(place + number) % kinds.count], length: rows.count)
      }
      _ = Injection.inject(injections, into: &copy, seed: seed)
      return copy
    }
  }

  /// How much the lengths and heights of copied periods vary.
  private static let distortion = 0.1

  private func train<Kind: ModelKind>(
    _ kind: Kind.Type, _ training: RowTape, _ validation: RowTape, _ member: Int, threads: Int,
    proceed: (ModelTrainer.Progress) -> Bool
  ) -> ModelTrainer.Outcome {
    var plan = request.plan
    plan.seed &+= UInt64(member) &* 0x9E37_79B9
    let source = Kind.Source(training: training, validation: validation, plan: plan)
    return ModelTrainer(plan: plan, threads: threads).train(source) { state in
      var state = state
      (state.member, state.members) = (member + 1, plan.members)
      return proceed(state)
    }
  }

  /// Errors of all rows, those of the validation part last: a network that has memorised its
  /// training part must not consider the rest unusual. A classifier's threshold comes from
  /// held-back rows only, if they include both kinds; if each member has held back rows of its own,
  /// from its output for them without the other members, which have learnt from them.
  private func fitJudge(
    of model: inout TrainedModel, on whole: RowTape, _ heldBack: [RowTape]
  ) {
    guard let reader = model.reader else { return }
    let known = heldBack.flatMap(\.labels)
    let isTelling = request.kind.isSupervised && known.contains(1) && known.contains(0)
    var readings = RowReadings()
    var labels = whole.labels
    if !isTelling {
      reader.read(whole, into: &readings)
    } else if rotates {
      for (member, tape) in heldBack.enumerated() {
        model.reader(ofMember: member)?.read(tape, into: &readings)
      }
      labels = known
    } else {
      reader.read(heldBack[0], into: &readings)
      labels = known
    }
    let form =
      request.kind.isSupervised
      ? .absolute
      : request.errors
        ?? (reader.width > ModelTraining.mostCorrelated ? .gaussian : .multivariate)
    model.judge = RowJudge(
      form: form, rule: request.rule, width: reader.width,
      watchesMean: !request.kind.isSupervised)
    model.judge.fit(readings.errors, labels: labels)
  }
}

extension TrainedModel {
  /// The index in a table of each of the model's columns; nil if it is missing.
  package func places(in table: RecordedTable) -> [Int?] {
    columns.map { column in table.columns.firstIndex(of: column.name) }
  }
}
