/// What the server has to report: each kind at once, then as a count, at most once a minute, so that a
/// client cannot fill the log.
struct ControlNotices {
  /// What can happen.
  enum Kind: Hashable {
    /// A client was rejected because its user, or all together, had too many connections.
    case rejected
    /// A client was disconnected.
    case closed(ControlCloseReason)
    /// No client can be accepted.
    case cannotAccept

    fileprivate var plural: String {
      switch self {
      case .rejected: "control clients rejected because too many were connected"
      case .closed(let reason): "control clients disconnected (\(reason))"
      case .cannotAccept: "failed attempts to accept a control client"
      }
    }
  }

  private struct State {
    var reported: Duration
    var unreported = 0
  }

  private static let pause = Duration.seconds(60)
  private var states: [Kind: State] = [:]
  private var texts: [String] = []

  /// Notes one occurrence; its text is used if it is the first within a minute.
  mutating func add(_ kind: Kind, now: Duration, _ text: @autoclosure () -> String) {
    if states[kind] != nil {
      states[kind]?.unreported += 1
    } else {
      states[kind] = State(reported: now)
      texts.append(text())
    }
  }

  /// Reports the occurrences of the last minute; to be called about once a second.
  mutating func settle(now: Duration) {
    for (kind, state) in states where now - state.reported >= ControlNotices.pause {
      if state.unreported > 0 {
        texts.append("\(state.unreported) more \(kind.plural) in the last minute")
        states[kind] = State(reported: now)
      } else {
        states[kind] = nil
      }
    }
  }

  /// The notices since the last call, oldest first; empties the list.
  mutating func drain() -> [String] {
    defer { texts = [] }
    return texts
  }
}
