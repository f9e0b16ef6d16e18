import CommandLine
import Config
import Control
import Detection
import Models
import Monitor
import Outputs
import Series
import Store

extension DaemonReport {
  func listModels(
    _ pattern: String?, from cursor: Int, limit: Int
  ) throws(ControlError) -> ModelPage {
    let (found, next) = try page(pattern, from: cursor, limit: limit) {
      metrics, index -> ModelSummary? in
      guard metrics[index].isJudged else { return nil }
      var summary = ModelSummary(metrics[index])
      if metrics[index].family == .rows { summary.trained = trained(metrics[index].name) }
      return summary
    }
    return ModelPage(models: found, next: next)
  }

  // MARK: Trained models

  /// The state of a trained model.
  func status(of attachment: ModelAttachment) -> AttachedModelStatus {
    let monitor = agent.monitor
    let metric = monitor[attachment.metric]
    let interval = attachment.loaded.model.interval
    return AttachedModelStatus(
      name: attachment.name, metric: attachment.metric.text, file: attachment.path,
      kind: attachment.loaded.model.kind, rows: metric?.samples ?? 0,
      late: monitor.lateSamples(of: attachment),
      trainedInterval: interval > 0 ? Duration.nanoseconds(interval).inSeconds : nil,
      interval: metric?.usualInterval?.inSeconds,
      multiplications: attachment.loaded.multiplications,
      rowSeconds: attachment.loaded.rowTime?.inSeconds,
      columns: monitor.columns(of: attachment).map { column in
        AttachedModelStatus.Column(
          name: column.column, metric: column.metric?.text, isMissing: column.isMissing,
          newest: column.newest)
      })
  }

  /// A description of the trained model that a metric is the score of, such as `forecaster of 4
  /// columns from FILE`.
  private func trained(_ metric: MetricName) -> String? {
    agent.monitor.attachments.first { $0.metric == metric }.map { attachment in
      "\(attachment.loaded.model.kind) of "
        + "\(HumanNumber.counted(attachment.loaded.columns.count, "column")) from \(attachment.path)"
        + (attachment.loaded.rowTime.map {
          ", \(HumanNumber.duration(seconds: $0.inSeconds)) a row"
        } ?? "")
    }
  }

  func changeModels(
    _ change: ModelChange, _ request: ModelChangeRequest, by permit: ChangePermit
  ) throws(ControlError) -> ModelChangeReply {
    agent.options.setTime(of: agent.monitor)
    let places = try places(of: request.metrics)
    let models = LearntModels(agent.monitor)
    let changed: [Int]
    switch change {
    case .freeze: changed = models.freeze(places)
    case .unfreeze: changed = models.unfreeze(places)
    case .reset:
      models.reset(places)
      changed = places
    }
    let metrics = agent.monitor.metrics
    let names = changed.prefix(ModelChangeReply.mostNames).map { metrics[$0].name.text }
    if !changed.isEmpty {
      agent.log.notice(
        "user \(permit.user) \(change.verb) the models of "
          + "\(HumanNumber.counted(changed.count, "metric")): \(named(names, of: changed.count))",
        .modelsChanged)
      agent.checkpoints.saveSoon()
    }
    return ModelChangeReply(
      metrics: names, changed: changed.count, unchanged: places.count - changed.count,
      warming: changed.count { metrics[$0].isLearning })
  }

  // MARK: Snapshots

  func snapshots() -> SnapshotsReply {
    SnapshotsReply(
      snapshots: agent.models.library?.snapshots ?? [],
      maximumBytes: agent.models.agent.snapshotBytes)
  }

  func deleteSnapshot(_ name: String, by permit: ChangePermit) throws(ControlError) -> SnapshotReply
  {
    try agent.models.delete(name, permit)
  }

  func snapshotModels(
    _ request: SnapshotRequest, by permit: ChangePermit
  ) throws(ControlError) -> any ReplyStream {
    let metrics = try request.metrics.isEmpty ? nil : names(of: request.metrics)
    return try agent.models.snapshot(
      request.name, of: metrics?.map { MetricName(sanitizing: $0) }, permit)
  }

  func rollBackModels(
    _ request: RollbackRequest, by permit: ChangePermit
  ) throws(ControlError) -> any ReplyStream {
    agent.options.setTime(of: agent.monitor)
    let metrics =
      try request.metrics.isEmpty
      ? agent.monitor.metrics.filter(\.isJudged).map(\.name.text) : names(of: request.metrics)
    let library = agent.models.library
    var unlearnt: Range<Timestamp>?
    if let until = request.until {
      guard let since = request.before, since < until else { throw .invalidParameter("until") }
      unlearnt = since..<until
    }
    let snapshot: ModelSnapshot
    switch (request.snapshot, request.before) {
    case (let name?, nil):
      guard let found = library?[name] else { throw .noSuchSnapshot(name) }
      snapshot = found
    case (nil, let before?):
      guard let found = library?.newest(before: before) else {
        throw .noSuchSnapshot("before \(before.iso8601)")
      }
      snapshot = found
    default: throw .invalidParameter("snapshot")
    }
    return try agent.models.rollBack(metrics, to: snapshot, unlearning: unlearnt, permit)
  }

  private func names(of patterns: [String]) throws(ControlError) -> [String] {
    let metrics = agent.monitor.metrics
    return try places(of: patterns).map { metrics[$0].name.text }
  }

  // MARK: Export and import

  func exportModel(_ request: ExportRequest) throws(ControlError) -> any ReplyStream {
    guard let name = try? MetricName(validating: request.name) else {
      throw .noSuchMetric(request.name)
    }
    let now = agent.options.clock()
    let rules = agent.settings.metricLines(of: name)
    guard let snapshot = request.snapshot else {
      guard let model = LearntModels(agent.monitor).export(name, rules: rules, at: now) else {
        throw .noSuchMetric(request.name)
      }
      return ModelExportStream(model)
    }
    guard let library = agent.models.library, library[snapshot] != nil else {
      throw .noSuchSnapshot(snapshot)
    }
    do throws(StoreError) {
      let seed = agent.settings.detector.seed
      return ModelExportStream(name.text, in: try library.open(snapshot)) { state in
        PortableModel(name, state: state, seed: seed, rules: rules, at: now)
      }
    } catch {
      throw .modelsRefused("the snapshot cannot be read: \(error)")
    }
  }

  func importModel(
    _ request: ImportRequest, by permit: ChangePermit
  ) throws(ControlError) -> ImportReply {
    let model: PortableModel
    do throws(PortableModelError) {
      model = try PortableModel(bytes: request.data.bytes)
    } catch {
      throw .modelsRefused(error.description)
    }
    let name: MetricName
    do throws(MetricNameError) {
      name =
        try request.name.map { text throws(MetricNameError) in
          try MetricName(validating: text)
        } ?? model.metric
    } catch {
      throw .invalidParameter("name")
    }
    agent.options.setTime(of: agent.monitor)
    let differences = differences(model, name)
    do throws(MetricDecodingError) {
      try LearntModels(agent.monitor).adopt(model, as: name)
    } catch {
      throw .modelsRefused("nothing was imported: \(error)")
    }
    agent.log.notice(
      "user \(permit.user) imported a model of \(model.metric) of \(model.exported.iso8601) into "
        + "\(name)",
      .modelsChanged)
    agent.checkpoints.saveSoon()
    return ImportReply(
      metric: name.text, source: model.metric.text, exported: model.exported,
      differences: differences)
  }

  /// The differences between an exported metric and the metric here.
  private func differences(_ model: PortableModel, _ name: MetricName) -> [String] {
    var differences: [String] = []
    if model.version != Product.version {
      differences.append("exported by version \(model.version), this is \(Product.version)")
    }
    if let there = model.interval, let here = agent.monitor[name]?.usualInterval,
      there > here * 1.5 || here > there * 1.5
    {
      differences.append(
        "a sample every \(HumanNumber.duration(there)) there, every \(HumanNumber.duration(here)) "
          + "here: learnt patterns over time do not apply")
    }
    let here = agent.settings.metricLines(of: name)
    for rule in model.rules where !here.contains(rule) {
      differences.append(
        "\(rule) there, not here; rules are not carried over: set it in [Metric \(name)]")
    }
    for rule in here where !model.rules.contains(rule) {
      differences.append("\(rule) here, not there")
    }
    return differences
  }

  // MARK: Names

  /// The metrics with these names or matching these patterns, by index in the table. Those that no
  /// detector judges are left out.
  /// - Throws: ``ControlError/noSuchMetric(_:)`` for the first that matches nothing.
  func places(of patterns: [String]) throws(ControlError) -> [Int] {
    guard !patterns.isEmpty else { throw .invalidParameter("metrics") }
    let models = LearntModels(agent.monitor)
    let metrics = agent.monitor.metrics
    var places: Set<Int> = []
    for text in patterns {
      // A name may contain characters that are special in a pattern.
      let found: [Int]
      if let name = try? MetricName(validating: text), let place = models.place(of: name) {
        found = [place]
      } else {
        guard let glob = Glob(text) else { throw .invalidParameter("metrics") }
        found = models.matching(glob)
      }
      guard !found.isEmpty else { throw .noSuchMetric(text) }
      let judged = found.filter { metrics[$0].isJudged }
      guard !judged.isEmpty else {
        throw .modelsRefused(
          "'\(text)' has learnt nothing: it has no detector (Detect= in [Metric])")
      }
      places.formUnion(judged)
    }
    return places.sorted()
  }

  /// Some names for a message.
  func named(_ names: [String], of count: Int) -> String {
    let shown = names.prefix(5)
    let rest = count - shown.count
    return shown.joined(separator: ", ") + (rest > 0 ? " and \(HumanNumber.count(rest)) more" : "")
  }
}

extension ModelChange {
  /// The verb for the log.
  fileprivate var verb: String {
    switch self {
    case .freeze: "froze"
    case .unfreeze: "unfroze"
    case .reset: "reset"
    }
  }
}
