/// Columns that hold labels by their usual names, and must never be learnt from.
enum LabelColumns {
  private static let names: Set<String> = [
    "is_anomaly", "label", "anomaly", "labels", "is_outlier",
  ]
  private static let relatedNames: Set<String> = ["changepoint", "anomaly_type"]

  /// Whether a column is one of labels, by its name.
  static func isLabel(_ name: String) -> Bool { names.contains(name.lowercased()) }

  /// Whether a column is related to labels in any way.
  static func isRelated(_ name: String) -> Bool {
    isLabel(name) || relatedNames.contains(name.lowercased())
  }
}
