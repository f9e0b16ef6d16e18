import Series

/// Progress of a long job, with an estimate of the remaining time.
public struct Progress: Sendable {
  /// Total number of items.
  public let total: Int
  /// What the items are, such as `files`.
  public let unit: String

  private var lastDrawn: Duration?
  private static let interval = Duration.milliseconds(100)

  /// A job of `total` items.
  public init(total: Int, unit: String) {
    self.total = total
    self.unit = unit
  }

  /// A line such as `12/58 files, 21%, about 9 s left`.
  /// - Parameters:
  ///   - done: items done, 0...total.
  ///   - share: share of the whole work done, 0...1, if items differ in size; nil counts items.
  ///   - elapsed: time since the job began.
  public func line(done: Int, share: Double? = nil, elapsed: Duration) -> String {
    let share = share ?? (total == 0 ? 1 : Double(done) / Double(total))
    let head = "\(done)/\(total) \(unit), \(HumanNumber.percent(share))"
    let (seconds, attoseconds) = elapsed.components
    let spent = Double(seconds) + Double(attoseconds) * 1e-18
    if done == total { return head + ", took " + HumanNumber.duration(seconds: spent) }
    // Before a second or a hundredth of the work an estimate would only jump about.
    guard spent >= 1, share >= 0.01 else { return head }
    let left = max(1, (spent * (1 - share) / share).rounded())
    return head + ", about " + HumanNumber.duration(seconds: left) + " left"
  }

  /// The line that overwrites the previous one on a terminal, at most ten times a second and always
  /// for the last item, which also ends the line; nil if it is too early to draw again.
  public mutating func redraw(
    done: Int,
    share: Double? = nil,
    elapsed: Duration,
    width: Int = 80
  ) -> String? {
    if done < total, let lastDrawn, elapsed - lastDrawn < Progress.interval { return nil }
    lastDrawn = elapsed
    let text = Layout.truncate(
      line(done: done, share: share, elapsed: elapsed),
      width: max(1, width - 1)
    )
    return "\r" + text + "\u{1B}[K" + (done == total ? "\n" : "")
  }
}
