import Detection
package import Models
package import Series

/// A trained model on metrics of the host (`[Model NAME]`).
package struct ModelAttachment: Sendable {
  /// Its name in the configuration.
  package var name: String
  /// The path of its file, for messages.
  package var path: String
  /// The model.
  package var loaded: LoadedModel
  /// For each of its columns, a pattern for the metric that it reads; nil: the metric with the
  /// column's name, or one whose name ends in a dot and that name.
  package var metrics: [Glob]?

  /// The model `name` on the metrics that match these patterns, one for each column.
  package init(name: String, path: String, loaded: LoadedModel, metrics: [Glob]?) {
    precondition(
      metrics.map { $0.count == loaded.columns.count } ?? true,
      "a model has a metric for each of its columns")
    self.name = name
    self.path = path
    self.loaded = loaded
    self.metrics = metrics
  }

  /// The metric that holds its score.
  package var metric: MetricName { MetricName(sanitizing: "model.\(name)") }

  /// Whether a column can read a metric.
  func reads(_ metric: MetricName, in column: Int) -> Bool {
    if let metrics { return metrics[column].matches(metric.text) }
    let name = loaded.columns[column]
    return metric.text == name || metric.text.hasSuffix("." + name)
  }

  /// Whether another one judges the same rows in the same way.
  func isAlike(_ other: ModelAttachment) -> Bool {
    loaded.checksum == other.loaded.checksum && metrics == other.metrics
  }
}

/// The source of a model's column.
package struct ModelColumnState {
  /// Its name in the model.
  package var column: String
  /// The metric that it reads; nil if none has been found.
  package var metric: MetricName?
  /// Whether it lacks samples that it should have.
  package var isMissing: Bool
  /// Its newest sample.
  package var newest: Timestamp?
}

/// The attached models, and which metric feeds which of their columns.
struct ModelBook {
  /// A model with the metrics found for its columns.
  struct Feed {
    let attachment: ModelAttachment
    /// By column; nil where no metric matches yet.
    fileprivate(set) var bound: [MetricName?]
    /// The id of its own metric, if it is registered.
    var metric: MetricID?

    init(_ attachment: ModelAttachment) {
      self.attachment = attachment
      bound = attachment.loaded.columns.map { _ in nil }
    }
  }

  /// A column that a metric feeds.
  struct Link {
    var feed: Int
    var column: Int
  }

  private(set) var feeds: [Feed] = []
  /// By a metric's index in the table: the index in ``groups``; 0 for a metric that feeds nothing,
  /// -1 for one not looked up yet.
  private var places: [Int32] = []
  private var groups: [[Link]] = [[]]

  var isEmpty: Bool { feeds.isEmpty }

  /// The model whose score is the metric of that name.
  func attachment(of metric: MetricName) -> ModelAttachment? {
    feeds.first { $0.attachment.metric == metric }?.attachment
  }

  /// Attaches exactly these models. An unchanged one keeps the metrics found for it.
  mutating func replace(by attachments: [ModelAttachment]) {
    let old = feeds
    feeds = attachments.map { new in
      var feed = Feed(new)
      if let same = old.first(where: { $0.attachment.metric == new.metric }),
        same.attachment.isAlike(new)
      {
        feed.bound = same.bound
        feed.metric = same.metric
      }
      return feed
    }
    forgetPlaces()
  }

  /// Metrics have moved in the table, or were removed.
  mutating func forgetPlaces() {
    places.removeAll(keepingCapacity: true)
    groups = [[]]
  }

  /// Records the id of a model's metric.
  mutating func setMetric(_ id: MetricID, of feed: Int) { feeds[feed].metric = id }

  /// The columns fed by the metric at an index.
  /// - Parameters:
  ///   - table: used once for each metric.
  mutating func links(ofMetricAt index: Int, in table: borrowing MetricTable) -> [Link] {
    if index >= places.count {
      places += repeatElement(-1, count: max(table.metrics.count, index + 1) - places.count)
    }
    if places[index] < 0 { places[index] = look(at: index, in: table) }
    return groups[Int(places[index])]
  }

  /// The sources of an attached model's columns.
  func columns(
    of attachment: ModelAttachment, in table: borrowing MetricTable
  ) -> [ModelColumnState] {
    let bound = feeds.first { $0.attachment.metric == attachment.metric }?.bound ?? []
    let rows = (table[attachment.metric]?.detector as? ModelDetector)?.rows
    return attachment.loaded.columns.enumerated().map { index, column in
      ModelColumnState(
        column: column, metric: index < bound.count ? bound[index] : nil,
        isMissing: rows?.isMissing(index) ?? false, newest: rows?.columns[index].newest)
    }
  }

  private mutating func look(at index: Int, in table: borrowing MetricTable) -> Int32 {
    guard table.metrics[index].family == .values else { return 0 }
    let name = table.metrics[index].name
    var links: [Link] = []
    for feed in feeds.indices {
      // A removed metric makes room for another one that matches.
      for column in feeds[feed].bound.indices {
        if let bound = feeds[feed].bound[column], table.index(of: bound) == nil {
          feeds[feed].bound[column] = nil
        }
      }
      let known = feeds[feed].bound.firstIndex { $0 == name }
      let column =
        known
        ?? feeds[feed].bound.indices.first {
          feeds[feed].bound[$0] == nil && feeds[feed].attachment.reads(name, in: $0)
        }
      guard let column else { continue }
      feeds[feed].bound[column] = name
      links.append(Link(feed: feed, column: column))
    }
    guard !links.isEmpty else { return 0 }
    groups.append(links)
    return Int32(groups.count - 1)
  }
}
