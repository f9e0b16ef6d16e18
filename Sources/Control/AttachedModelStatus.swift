public import Series

/// A trained model on metrics of the host, `[Model NAME]`.
public struct AttachedModelStatus: Codable, Equatable, Sendable {
  /// A column of it.
  public struct Column: Codable, Equatable, Sendable {
    /// Its name in the model.
    public var name: String
    /// The metric that it reads; nil if none matches.
    public var metric: String?
    /// Whether that lacks samples that it should have.
    public var isMissing: Bool
    /// Time of its newest sample.
    public var newest: Timestamp?

    /// A column.
    public init(name: String, metric: String?, isMissing: Bool, newest: Timestamp?) {
      self.name = name
      self.metric = metric
      self.isMissing = isMissing
      self.newest = newest
    }
  }

  /// Maximum share of the row interval that judging a row should take.
  static let largestShare = 0.1

  /// Its name in the configuration.
  public var name: String
  /// The metric that holds its score.
  public var metric: String
  /// The path of its file.
  public var file: String
  /// Its kind, such as `forecaster`.
  public var kind: String
  /// Rows that it has judged.
  public var rows: Int
  /// Samples that were dropped because their metric had a newer one.
  public var late: Int
  /// Seconds between two rows in training; nil: unknown.
  public var trainedInterval: Double?
  /// Seconds between two rows here; nil: unknown.
  public var interval: Double?
  /// Multiplications per row.
  public var multiplications: Int
  /// Seconds that a row takes here, measured when the model was loaded; nil: unknown.
  public var rowSeconds: Double?
  /// Its columns, in order.
  public var columns: [Column]

  /// A status with these parts.
  public init(
    name: String, metric: String, file: String, kind: String, rows: Int, late: Int,
    trainedInterval: Double?, interval: Double?, multiplications: Int, rowSeconds: Double?,
    columns: [Column]
  ) {
    self.name = name
    self.metric = metric
    self.file = file
    self.kind = kind
    self.rows = rows
    self.late = late
    self.trainedInterval = trainedInterval
    self.interval = interval
    self.multiplications = multiplications
    self.rowSeconds = rowSeconds
    self.columns = columns
  }
}
