package import Control
package import Monitor
import Synchronization

/// The data that the streams of a ``SampleHandler`` deliver, and their state.
package final class SampleSource: Sendable {
  struct State {
    var replies: [TapReply] = []
    var ends = false
    var error: ControlError?
    var open = 0
    var asked = 0
  }

  let state = Mutex(State())

  package init() {}

  /// How many streams are open.
  package var open: Int { state.withLock(\.open) }
  /// How often a stream was asked for its next part.
  package var asked: Int { state.withLock(\.asked) }

  /// Gives the streams something to deliver.
  /// - Parameter ends: whether they end after it.
  package func push(_ replies: [TapReply], ends: Bool = false) {
    state.withLock {
      $0.replies += replies
      $0.ends = ends
    }
  }

  /// Makes the next step fail.
  package func fail(_ error: ControlError) { state.withLock { $0.error = error } }

  /// A reply with one sample.
  package static func reply(
    _ value: Double, state: MetricState = .normal, lost: Int = 0
  ) -> TapReply {
    message(
      """
      {"samples": [{"metric": "m1", "at": "NOON", "state": "\(state.rawValue)", "value": \(value),
        "expected": 12, "lower": 10, "upper": 14, "score": 1.5}], "lost": \(lost)}
      """)
  }
}

/// A stream of a ``SampleSource``'s data.
final class SampleStream: ReplyStream {
  private let source: SampleSource

  init(_ source: SampleSource) {
    self.source = source
    source.state.withLock { $0.open += 1 }
  }

  var isReady: Bool { source.state.withLock { !$0.replies.isEmpty || $0.error != nil } }

  func next() throws(ControlError) -> ReplyStreamStep {
    let next: Result<(TapReply, Bool)?, ControlError> = source.state.withLock {
      $0.asked += 1
      if let error = $0.error { return .failure(error) }
      guard !$0.replies.isEmpty else { return .success(nil) }
      let reply = $0.replies.removeFirst()
      return .success((reply, !($0.ends && $0.replies.isEmpty)))
    }
    guard let (reply, continues) = try next.get() else { return .later }
    return .part(reply, continues: continues)
  }

  func end() { source.state.withLock { $0.open -= 1 } }
}
