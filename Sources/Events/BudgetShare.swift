public import Series

/// The share of one metric in a ``HostBudget``, and its debt.
///
/// A metric that alarms pays first: each alarm raises the metric's own threshold, and all metrics
/// in debt together pay back at the budget's rate. A noisy metric silences itself without affecting
/// the others.
public struct BudgetShare: Equatable, Sendable {
  /// Decades by which the first alarm raises the metric's threshold: as much as the storm guard of
  /// ``AlarmThreshold``, but for as long as the budget takes to repay it.
  private static let rise = 0.2
  /// Overdraft at which each further alarm counts three times the first, so that a metric with
  /// worthless scores does not take a month of alarms to become quiet.
  private static let patience = 10.0
  /// The largest overdraft, in alarms.
  static let largestOverdraft = 20.0

  /// Alarms of this metric that have not been paid back yet, 0...20.
  public internal(set) var overdraft = 0.0
  /// Samples of this metric a day; 0 until its interval is known.
  public internal(set) var samplesPerDay = 0.0

  /// No debt.
  public init() {}

  /// Decades by which the metric's own threshold is currently raised, 0...12.
  var budgetOffset: Double { BudgetShare.rise * overdraft * (1 + overdraft / BudgetShare.patience) }

  /// Appends its state.
  public func encode(to writer: inout ByteWriter) {
    writer.write(overdraft)
    writer.write(samplesPerDay)
  }

  /// Restores stored bytes.
  /// - Throws: ``ByteReaderError`` if the bytes are not a share.
  public init(from reader: inout ByteReader) throws(ByteReaderError) {
    let offset = reader.offset
    overdraft = try reader.readDouble()
    samplesPerDay = try reader.readDouble()
    guard (0...BudgetShare.largestOverdraft).contains(overdraft), samplesPerDay >= 0,
      samplesPerDay.isFinite
    else { throw .outOfRange(offset: offset, value: 0) }
  }
}
