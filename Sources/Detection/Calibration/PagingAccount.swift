import Series

/// Counts what the alarms of one metric cost its own budget, so that alarms beyond the budget are
/// recorded without paging anybody (docs/adr/0039-alarms-beyond-the-budget.md).
///
/// Each event that pages costs 1, which the budget repays over time. Debt beyond ``credit`` raises
/// the score required to page. In the long run no more can page than the budget allows, however
/// inaccurate the scores are: heavy tails and spikes keep the budget, too.
struct PagingAccount {
  /// Alarms that may be owed without effect: the budget is a mean, and faults cluster.
  private static let credit = 2.0
  /// Alarms repaid per alarm interval of the budget: the margin is for real faults, which the
  /// budget is not about.
  private static let income = 1.4
  /// Decades that the first alarm beyond the credit adds, and the number of alarms that double the
  /// next increase.
  private static let (rise, patience) = (0.4, 10.0)
  private static let most = 20.0

  private var owed = 0.0
  /// Whether the open event has been charged.
  private var hasPaid = false

  /// Decades by which a score must exceed the threshold to page.
  var offset: Double {
    let beyond = owed - PagingAccount.credit
    return beyond > 0 ? PagingAccount.rise * beyond * (1 + beyond / PagingAccount.patience) : 0
  }

  /// Repays one sample's share.
  mutating func earn(budget: Double) {
    if owed > 0 { owed = max(0, owed - PagingAccount.income / budget) }
  }

  /// Charges an event once; call it for each sample.
  /// - Parameter isPaging: whether an open event pages.
  mutating func settle(isPaging: Bool) {
    if isPaging, !hasPaid { owed = min(PagingAccount.most, owed + 1) }
    hasPaid = isPaging
  }

  /// The next event that pages is charged, even if it follows another one immediately.
  mutating func beginEvent() { hasPaid = false }

  /// Refunds an event that was not a false alarm.
  mutating func refund() { owed = max(0, owed - 1) }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(&owed)
    try coder.code(&hasPaid)
    // Also catches NaN.
    if !(0...PagingAccount.most).contains(owed) { owed = 0 }
  }
}
