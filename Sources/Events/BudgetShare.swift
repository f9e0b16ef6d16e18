public import Series

/// What one metric has of a ``HostBudget``, and what it owes it.
///
/// Whoever alarms pays first: each alarm raises the metric's own threshold, and the metrics that owe
/// pay back together at the budget's rate. A noisy metric quietens itself and leaves the others as
/// they are.
public struct BudgetShare: Equatable, Sendable {
  /// Decades by which the first alarm raises the metric's threshold: as much as the storm guard of
  /// ``AlarmThreshold``, but for as long as the budget takes to pay for it.
  private static let rise = 0.2
  /// Overdraft at which each further alarm counts three times the first, so that a metric whose
  /// scores are worth nothing needs no month of alarms to be quiet.
  private static let patience = 10.0
  /// The largest overdraft, in alarms.
  static let largestOverdraft = 20.0

  /// Alarms of this metric that are not paid back yet, 0...20.
  public internal(set) var overdraft = 0.0
  /// Samples of this metric a day; 0 until its interval is known.
  public internal(set) var samplesPerDay = 0.0

  /// Nothing owed.
  public init() {}

  /// Decades by which the metric's own threshold stands higher for now, 0...12.
  var budgetOffset: Double { BudgetShare.rise * overdraft * (1 + overdraft / BudgetShare.patience) }

  /// Appends what is needed to go on.
  public func encode(to writer: inout ByteWriter) {
    writer.write(overdraft)
    writer.write(samplesPerDay)
  }

  /// Goes on from stored bytes.
  /// - Throws: ``ByteReaderError`` for bytes that are no share.
  public init(from reader: inout ByteReader) throws(ByteReaderError) {
    let offset = reader.offset
    overdraft = try reader.readDouble()
    samplesPerDay = try reader.readDouble()
    guard (0...BudgetShare.largestOverdraft).contains(overdraft), samplesPerDay >= 0,
      samplesPerDay.isFinite
    else { throw .outOfRange(offset: offset, value: 0) }
  }
}
