public import Outbox
public import Series

/// State of delivery from an outbox.
public struct OutboxDelivery: Equatable, Sendable {
  /// The last state written by the delivery program; nil if it has never run.
  public var state: DeliveryState?
  /// Messages waiting in the outbox.
  public var waiting: Int
  /// Rejected messages that are kept for inspection.
  public var failed: Int
  /// When the oldest waiting message was written; nil if none is waiting.
  public var waitingSince: Timestamp?

  /// How long a message may wait before the user should check that it is being delivered.
  private static let patience = Duration.seconds(90)

  /// Creates a state.
  public init(
    state: DeliveryState?, waiting: Int, failed: Int, waitingSince: Timestamp? = nil
  ) {
    self.state = state
    self.waiting = waiting
    self.failed = failed
    self.waitingSince = waitingSince
  }

  /// The present state of a folder.
  init(of folder: OutboxFolder) {
    let entries = (try? folder.entries(.new)) ?? []
    self.init(
      state: DeliveryState(of: folder), waiting: entries.count, failed: folder.count(.failed),
      waitingSince: entries.first.flatMap { folder.facts($0)?.written })
  }

  /// What prevents delivery, and since when; nil if nothing does.
  public func trouble(now: Timestamp) -> (text: String, at: Timestamp?)? {
    if let stopped = state?.stopped { return (stopped, nil) }
    if let state, state.failuresInARow > 0, let error = state.lastError {
      return (error, state.lastErrorAt.map { Timestamp(seconds: $0) })
    }
    guard let since = waitingSince, now.elapsed(since: since) > OutboxDelivery.patience else {
      return nil
    }
    return (
      "messages are waiting and not being delivered: see 'systemctl status anomalyd-webhook.path'",
      since
    )
  }
}
