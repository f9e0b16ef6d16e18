/// How the time between two readings of a processor's counters was spent.
enum CPUChange {
  /// The counters were reset, or have other columns.
  case reset
  /// No time elapsed.
  case none
  /// The shares of the elapsed time.
  case shares(CPUShares)

  private static let idle = 3
  private static let iowait = 4

  /// user, nice and system only ever increase; idle and iowait of a tickless kernel are
  /// estimates that may step back a little, which counts as zero.
  init(from old: CPUTimes, to new: CPUTimes) {
    guard new.columns == old.columns, (0..<3).allSatisfy({ new.ticks[$0] >= old.ticks[$0] })
    else {
      self = .reset
      return
    }
    func grown(_ column: Int) -> Double {
      new.ticks[column] > old.ticks[column]
        ? Double(new.ticks[column] - old.ticks[column]) : 0
    }
    var spent = InlineArray<9, Double>(repeating: 0)
    for column in 0..<8 { spent[column] = grown(column) }
    spent[0] = max(0, spent[0] - grown(8))
    spent[1] = max(0, spent[1] - grown(9))
    spent[8] = grown(8) + grown(9)
    let total = (0..<9).reduce(0.0) { $0 + spent[$1] }
    guard total > 0 else {
      self = .none
      return
    }
    let waiting = spent[CPUChange.idle] + spent[CPUChange.iowait]
    let busy = (total - waiting) / total
    for mode in 0..<9 { spent[mode] /= total }
    self = .shares(CPUShares(busy: busy, modes: spent))
  }
}

/// Shares of an interval, 0...1.
struct CPUShares {
  /// All but idle and iowait.
  let busy: Double
  /// user, nice, system, idle, iowait, irq, softirq, steal, guest; each moment is in one of them.
  let modes: InlineArray<9, Double>
}
