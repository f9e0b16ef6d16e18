package import Series

/// A column of a trained model in a row that alarmed.
public struct ColumnFact: Equatable, Sendable {
  /// The metric that the column reads.
  public var metric: String
  /// Its value, in its own unit; NaN where it is missing.
  public var value: Double
  /// The model's expectation, or otherwise the mean in its training; NaN if neither is known.
  public var usual: Double
  /// Its share of the row's anomaly, 0...1.
  public var share: Double

  /// The most columns that an event names.
  public static let most = 5
  /// Columns with a smaller share are not named, except the first.
  package static let leastShare = 0.05

  /// A column with these facts.
  public init(metric: String, value: Double, usual: Double, share: Double) {
    self.metric = metric
    self.value = value
    self.usual = usual
    self.share = share
  }
}

extension ColumnFact {
  /// Appends columns, at most ``most``.
  package static func encode(_ columns: [ColumnFact], to writer: inout ByteWriter) {
    writer.write(UInt8(min(columns.count, most)))
    for column in columns.prefix(most) {
      writer.write(column.metric)
      for number in [column.value, column.usual, column.share] { writer.write(number) }
    }
  }

  /// The columns that ``encode(_:to:)`` wrote.
  package static func decode(
    from reader: inout ByteReader
  ) throws(ByteReaderError) -> [ColumnFact] {
    let offset = reader.offset
    let count = try reader.readUInt8()
    guard count <= most else { throw .outOfRange(offset: offset, value: Int64(count)) }
    var columns: [ColumnFact] = []
    for _ in 0..<count {
      columns.append(
        ColumnFact(
          metric: try reader.readString(), value: try reader.readDouble(),
          usual: try reader.readDouble(), share: try reader.readDouble()))
    }
    return columns
  }
}
