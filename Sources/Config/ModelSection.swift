/// A section `[Model NAME]`: a trained model that judges metrics of this host together.
public struct ModelSection: Section {
  /// The name in the section's header.
  public var name: String
  /// `File=`: what `anomalyctl train` wrote.
  public var file = ""
  /// `Metrics=`: for each column of the model, a pattern of the metric that it reads; empty for those
  /// that are called like the columns.
  public var metrics: [String] = []

  /// The model `name`, all else default.
  public init(name: String) {
    self.name = name
  }

  /// A file is required.
  public func check(_ check: inout SectionCheck) {
    check.require(
      "File", isMissing: file.isEmpty,
      expected: "the path of a file that 'anomalyctl train' wrote")
  }

  /// The keys.
  public static let keys: [Key<ModelSection>] = [
    Key(
      "File",
      \.file,
      .absolutePath,
      "The model: a file that anomalyctl train wrote; required. It is read at the start and on a reload. "
        + "Another file starts afresh, the same one continues after a restart.",
      example: "/etc/anomalyd/shop.model"
    ),
    Key(
      "Metrics",
      \.metrics,
      .globs,
      "The metrics that it reads, one for each column of the model and in the order of its columns, which "
        + "anomalyctl models show FILE lists: names, or patterns of which each stands for the first metric "
        + "that matches. Not given: the metrics that are called like the columns, or so after a dot. A second assignment "
        + "adds to the first.",
      example: "app.* web.latency"
    ),
  ]
}
