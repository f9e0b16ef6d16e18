import Detection
import Models
package import Series

/// Trained models on the metrics of the host: each is a metric of its own, `model.NAME`, whose samples are
/// rows of other metrics.
extension HostMonitor {
  /// The attached models, in the order of the configuration.
  package var attachments: [ModelAttachment] { models.feeds.map(\.attachment) }

  /// Attaches these models and no others; to be called before stored metrics are restored, and whenever the
  /// configuration has changed. A model that is as before goes on; the metric of one whose file or columns
  /// are others starts afresh; that of one that is gone is removed.
  /// - Returns: the names of the models that start afresh.
  @discardableResult
  package func attach(_ attachments: [ModelAttachment]) -> [String] {
    interruptHold()
    var afresh: [String] = []
    for old in models.feeds.map(\.attachment) {
      guard let new = attachments.first(where: { $0.metric == old.metric }) else {
        remove(modelMetric: old.metric)
        continue
      }
      if !new.isAlike(old), table.index(of: new.metric) != nil { afresh.append(new.name) }
    }
    models.replace(by: attachments)
    table.loaded = Dictionary(
      attachments.map { ($0.metric, $0.loaded) }, uniquingKeysWith: { first, _ in first })
    for name in afresh {
      guard let new = attachments.first(where: { $0.name == name }),
        let index = table.index(of: new.metric)
      else { continue }
      table.metrics[index].detector = table.detector(
        of: .rows, named: new.metric, configuration: table.metrics[index].detector.configuration)
      table.metrics[index].discardJudgements()
    }
    // A metric of an input that was called so.
    for attachment in attachments {
      guard let index = table.index(of: attachment.metric), table.metrics[index].family != .rows
      else { continue }
      remove(modelMetric: attachment.metric)
    }
    return afresh
  }

  /// Gives a sample to the models that read its metric, and judges the rows that are complete with it.
  func feedModels(_ metric: MetricID) {
    let links = models.links(ofMetricAt: metric.index, in: table)
    guard !links.isEmpty, let sample = table.metrics[metric.index].newest else { return }
    let usual = table.metrics[metric.index].usualInterval
    for link in links {
      guard let model = modelMetric(link.feed),
        let detector = table.metrics[model.index].detector as? ModelDetector
      else { continue }
      if detector.rows.mustClose(before: sample.timestamp, of: link.column) {
        judgeRow(of: detector, model)
      }
      // The detector may have been replaced by the end of a silence.
      guard let detector = table.metrics[model.index].detector as? ModelDetector else { continue }
      let name = table.metrics[metric.index].name.text
      if detector.columnNames[link.column] != name { detector.columnNames[link.column] = name }
      if detector.rows.put(sample, in: link.column, usual: usual) { judgeRow(of: detector, model) }
    }
  }

  private func judgeRow(of detector: ModelDetector, _ model: MetricID) {
    let moment = detector.rows.take()
    judgeRow(detector.rows.row, at: moment, of: model)
  }

  /// Whether a metric is the score of an attached model.
  package func isOfModel(_ metric: MetricName) -> Bool {
    !models.isEmpty && models.attachment(of: metric) != nil
  }

  /// The section of the model whose score is a metric, such as `[Model web]`.
  func modelSection(of metric: MetricName) -> String? {
    models.isEmpty ? nil : models.attachment(of: metric).map { "[Model \($0.name)]" }
  }

  /// What a column of a model reads.
  package struct ModelColumnState {
    /// Its name in the model.
    package var column: String
    /// The metric that it reads; nil where none has been found.
    package var metric: MetricName?
    /// Whether it has no samples where it should.
    package var isMissing: Bool
    /// Its newest sample.
    package var newest: Timestamp?
  }

  /// The columns of an attached model.
  package func columns(of attachment: ModelAttachment) -> [ModelColumnState] {
    let bound = models.feeds.first { $0.attachment.metric == attachment.metric }?.bound ?? []
    let rows = (table[attachment.metric]?.detector as? ModelDetector)?.rows
    return attachment.loaded.columns.enumerated().map { index, column in
      ModelColumnState(
        column: column, metric: index < bound.count ? bound[index] : nil,
        isMissing: rows?.isMissing(index) ?? false, newest: rows?.columns[index].newest)
    }
  }

  /// Samples that an attached model dropped because their metric had a newer one.
  package func lateSamples(of attachment: ModelAttachment) -> Int {
    (table[attachment.metric]?.detector as? ModelDetector)?.rows.late ?? 0
  }

  // MARK: Metrics

  /// The metric of a model, registered with its first row.
  private func modelMetric(_ feed: Int) -> MetricID? {
    if let id = models.feeds[feed].metric, table.registry.isValid(id) { return id }
    let name = models.feeds[feed].attachment.metric
    guard let id = self.id(of: name, .rows), table.registry.isValid(id) else { return nil }
    models.setMetric(id, of: feed)
    return id
  }
}
