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
  /// For each of its columns, a pattern of the metric that it reads; nil: the metric that is called like
  /// the column, or so after a dot.
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

  /// The metric that its score is.
  package var metric: MetricName { MetricName(sanitizing: "model.\(name)") }

  /// Whether a column can read a metric.
  func reads(_ metric: MetricName, in column: Int) -> Bool {
    if let metrics { return metrics[column].matches(metric.text) }
    let name = loaded.columns[column]
    return metric.text == name || metric.text.hasSuffix("." + name)
  }

  /// Whether the other one judges the same rows in the same way.
  func isAlike(_ other: ModelAttachment) -> Bool {
    loaded.checksum == other.loaded.checksum && metrics == other.metrics
  }
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

/// The attached models, and which metric feeds which of their columns.
struct ModelBook {
  /// A model with the metrics that were found for its columns.
  struct Feed {
    let attachment: ModelAttachment
    /// By column; nil where no metric matches yet.
    fileprivate(set) var bound: [MetricName?]
    /// Where its own metric is, if it is registered.
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
  /// By place of a metric in the table: the place in ``groups``; 0 for a metric that feeds nothing, -1 for
  /// one that has not been looked at.
  private var places: [Int32] = []
  private var groups: [[Link]] = [[]]

  var isEmpty: Bool { feeds.isEmpty }

  /// The model whose score is the metric of that name.
  func attachment(of metric: MetricName) -> ModelAttachment? {
    feeds.first { $0.attachment.metric == metric }?.attachment
  }

  /// Attaches these models and no others. One that is as before keeps the metrics that were found.
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

  /// Metrics have moved in the table, or left it.
  mutating func forgetPlaces() {
    places.removeAll(keepingCapacity: true)
    groups = [[]]
  }

  /// Notes where the metric of a model is.
  mutating func setMetric(_ id: MetricID, of feed: Int) { feeds[feed].metric = id }

  /// The columns that the metric at a place feeds.
  /// - Parameters:
  ///   - table: asked once for each metric.
  mutating func links(ofMetricAt index: Int, in table: borrowing MetricTable) -> [Link] {
    if index >= places.count {
      places += repeatElement(-1, count: max(table.metrics.count, index + 1) - places.count)
    }
    if places[index] < 0 { places[index] = look(at: index, in: table) }
    return groups[Int(places[index])]
  }

  /// What the columns of an attached model read.
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
      // A metric that is gone makes room for another one that matches.
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
