package import Detection
import Series

extension SymbolFacts {
  /// What an event stream did, phrased to follow the stream's name, such as `sent event 17 after 3
  /// where 4 or 9 was expected`.
  package func predicate(_ evidence: Evidence) -> String {
    switch evidence {
    case .interval:
      return "sent event \(id)\(place)\(timing)"
    case .unknown:
      return "sent event \(id)\(place), never seen before\(choice)"
    case .order8, .order32:
      let count = evidence == .order8 ? 8 : 32
      return "sent its last \(count) events in an unusual order, now \(id)\(place)\(choice)"
    case .mix64:
      return "sent an unusual mix of events in its last 64, now \(id)\(place)"
    case .pace32:
      return "sent its last 32 events at unusual times, now \(id)\(place)\(timing)"
    default:
      return "sent event \(id)\(place)\(choice)"
    }
  }

  private var place: String { previous.map { " after \($0)" } ?? "" }

  private var choice: String {
    // A probability below one in ten does not count as an expectation.
    let likely = expected.filter { $0.probability >= 0.1 && $0.id != id }.map(\.id)
    guard let first = likely.first else { return "" }
    let others = likely.dropFirst().map { " or \($0)" }.joined()
    return " where \(first)\(others) was expected"
  }

  private var timing: String {
    guard let interval else { return "" }
    let after = " in \(HumanNumber.duration(seconds: interval))"
    guard let usualInterval else { return after }
    return "\(after) where \(HumanNumber.duration(seconds: usualInterval)) is usual"
  }
}
