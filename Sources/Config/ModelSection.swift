/// A section `[Model NAME]`: a trained model that judges metrics of this host together.
public struct ModelSection: Section {
  /// The name in the section's header.
  public var name: String
  /// `File=`: a file written by `anomalyctl train`.
  public var file = ""
  /// `Metrics=`: for each column of the model, a pattern for the metric that it reads; empty to
  /// match metrics by the columns' names.
  public var metrics: [String] = []

  /// The model `name`, all other values default.
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
      "The model, a file written by anomalyctl train; required. It is read at startup and on "
        + "reload. A different file starts over, an unchanged one continues after a restart.",
      example: "/etc/anomalyd/shop.model"
    ),
    Key(
      "Metrics",
      \.metrics,
      .globs,
      "The metrics that the model reads, one per column and in the order of its columns (see "
        + "anomalyctl models show FILE): names, or patterns that each resolve to the first "
        + "matching metric. If unset: metrics with the names of the columns, or whose names end "
        + "in a dot and that name. A second assignment adds to the first.",
      example: "app.* web.latency"
    ),
  ]
}
