import Series

/// Counts what alarms of one metric have cost its own alarm budget, so that those beyond it are recorded
/// and wake nobody (docs/adr/0039-alarms-beyond-the-budget.md).
///
/// Each event that pages costs 1; the budget pays back. What is owed beyond ``credit`` raises
/// what a score must reach to page. In the long run no more can page than is paid for, whatever the
/// scores are worth: heavy tails and spikes keep the budget, too.
struct PagingAccount {
  /// Alarms that may be owed before anything changes: the budget is a mean, and faults come in groups.
  private static let credit = 2.0
  /// Alarms that are paid back in the samples of one: a margin for faults, which the budget is not about.
  private static let income = 1.4
  /// Decades that the first alarm beyond the credit adds, and how many of them double the next.
  private static let (rise, patience) = (0.4, 10.0)
  private static let most = 20.0

  private var owed = 0.0
  /// Whether the event that is open has been charged.
  private var hasPaid = false

  /// Decades by which a score must exceed the threshold to page.
  var offset: Double {
    let beyond = owed - PagingAccount.credit
    return beyond > 0 ? PagingAccount.rise * beyond * (1 + beyond / PagingAccount.patience) : 0
  }

  /// A sample was judged.
  mutating func earn(budget: Double) {
    if owed > 0 { owed = max(0, owed - PagingAccount.income / budget) }
  }

  /// Charges an event once; to be called with each sample.
  /// - Parameter isPaging: whether an event is open that pages.
  mutating func settle(isPaging: Bool) {
    if isPaging, !hasPaid { owed = min(PagingAccount.most, owed + 1) }
    hasPaid = isPaging
  }

  /// The next event that pages is charged, even if it follows another one at once.
  mutating func beginEvent() { hasPaid = false }

  /// An event was no false alarm.
  mutating func refund() { owed = max(0, owed - 1) }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(&owed)
    try coder.code(&hasPaid)
    // Also for what is not a number.
    if !(0...PagingAccount.most).contains(owed) { owed = 0 }
  }
}
