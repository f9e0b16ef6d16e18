/// How fast a filesystem has filled in the last half hour, and when it would be full.
struct FillTrend {
  /// Long enough that one copied file says little, short enough that a runaway log is noticed.
  private static let window: Duration = .seconds(1800)
  private static let period: Duration = .seconds(60)
  /// More than this is not worth a number, in hours.
  private static let most = 10_000.0
  /// As long as more than this share is available, there is time.
  private static let plenty = 0.4

  private var shares: [(instant: Duration, available: Double)] = []
  private var newest = 1.0

  /// Takes the share that is available.
  mutating func note(_ available: Double, at instant: Duration) {
    newest = available
    guard shares.last.map({ instant - $0.instant >= FillTrend.period }) ?? true else { return }
    // One more than the window, so that it is covered.
    if shares.count > 1, instant - shares[1].instant >= FillTrend.window { shares.removeFirst() }
    if shares.isEmpty { shares.reserveCapacity(33) }
    shares.append((instant, available))
  }

  /// Hours until nothing is available at the pace of the last half hour; nil before that is known.
  var hoursLeft: Double? {
    guard let first = shares.first, let last = shares.last,
      last.instant - first.instant >= FillTrend.window
    else { return nil }
    let hours = (last.instant - first.instant).inSeconds / 3600
    let pace = (first.available - newest) / hours
    guard pace > 0, newest <= FillTrend.plenty else { return FillTrend.most }
    return min(newest / pace, FillTrend.most)
  }
}
