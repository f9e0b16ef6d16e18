public import Outbox
public import Series

/// How delivery from an outbox goes.
public struct OutboxDelivery: Equatable, Sendable {
  /// What the delivering program wrote down last; nil where it has never run.
  public var state: DeliveryState?
  /// Messages that wait in the outbox.
  public var waiting: Int
  /// Messages that the endpoint will never take, and that are kept to be looked at.
  public var failed: Int
  /// When the first of those that wait was written; nil where none waits.
  public var waitingSince: Timestamp?

  /// How long a message may wait before somebody should look whether anything delivers it.
  private static let patience = Duration.seconds(90)

  /// Delivery that stands like this.
  public init(
    state: DeliveryState?, waiting: Int, failed: Int, waitingSince: Timestamp? = nil
  ) {
    self.state = state
    self.waiting = waiting
    self.failed = failed
    self.waitingSince = waitingSince
  }

  /// Delivery from a folder as it stands now.
  init(of folder: OutboxFolder) {
    let entries = (try? folder.entries(.new)) ?? []
    self.init(
      state: DeliveryState(of: folder), waiting: entries.count, failed: folder.count(.failed),
      waitingSince: entries.first.flatMap { folder.facts($0)?.written })
  }

  /// What keeps messages from their endpoint, and since when; nil where nothing does.
  public func trouble(now: Timestamp) -> (text: String, at: Timestamp?)? {
    if let stopped = state?.stopped { return (stopped, nil) }
    if let state, state.failuresInARow > 0, let error = state.lastError {
      return (error, state.lastErrorAt.map { Timestamp(seconds: $0) })
    }
    guard let since = waitingSince, now.elapsed(since: since) > OutboxDelivery.patience else {
      return nil
    }
    return (
      "messages wait and nothing delivers them: see 'systemctl status anomalyd-webhook.path'", since
    )
  }
}
