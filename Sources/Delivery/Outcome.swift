/// What an answer means for a message and its endpoint; see Standard Webhooks.
enum Outcome: Equatable {
  /// The endpoint has the message.
  case delivered
  /// The endpoint will never accept this message.
  case refused
  /// The endpoint wants no more messages.
  case gone
  /// The endpoint, or the network path to it, is unavailable.
  case busy
  /// The endpoint failed on this message; others may succeed.
  case failed

  init(_ answer: HTTPAnswer) {
    switch answer.status {
    case nil: self = .busy
    case .some(200..<300): self = .delivered
    case 400, 413, 422: self = .refused
    case 410: self = .gone
    case 429, 502, 503, 504: self = .busy
    default: self = .failed
    }
  }
}

/// The delay after consecutive failures: doubled each time, up to a limit, with a random part, so
/// that many hosts do not retry at the same moment.
public struct Backoff: Equatable, Sendable {
  /// After the first failure.
  public var first: Duration
  /// The maximum.
  public var longest: Duration

  /// 1 s to 10 min: in a day a message is tried some 150 times.
  public init(first: Duration = .seconds(1), longest: Duration = .seconds(600)) {
    self.first = first
    self.longest = longest
  }

  /// The pause after this many consecutive failures, at least 1.
  /// - Parameter share: a random number, 0...1.
  func pause(after failures: Int, share: Double) -> Duration {
    var pause = first
    for _ in 1..<max(failures, 1) where pause < longest { pause *= 2 }
    pause = min(pause, longest)
    return pause / 2 + pause / 2 * share
  }
}
