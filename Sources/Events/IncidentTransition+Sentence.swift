import Detection
import Series

extension IncidentTransition {
  /// The step in one line without a full stop. For an incident of one metric, the sentence about
  /// that metric's event.
  public var sentence: String {
    guard let lead = incident.lead else { return "incident \(incident.shortID)" }
    let text =
      incident.metrics == 1 ? aloneSentence(lead) : "incident \(incident.shortID)\(story(lead))"
    return ([text] + incident.attributions.map(\.sentence)).joined(separator: "; ")
  }

  private func aloneSentence(_ lead: Event) -> String {
    switch self {
    case .opened: return lead.explanation
    case .worsened(let incident):
      var event = lead
      event.update = .worse
      event.updated = event.updated ?? incident.notified
      return event.updateExplanation
    case .closed(let incident):
      let count = incident.counted
      return lead.closingExplanation
        + (count > 1 ? "; \(count) events in \(HumanNumber.duration(incident.duration))" : "")
    }
  }

  private func story(_ lead: Event) -> String {
    let head = "\(incident.headline) (\(HumanNumber.count(incident.metrics)) metrics)"
    let length = HumanNumber.duration(incident.duration)
    switch self {
    case .opened:
      return ": \(head): \(lead.fact()), since \(incident.began.timeOfDay)"
    case .worsened(let incident):
      let change = incident.change.map { " \($0.fact(.worsening));" } ?? ""
      let news =
        incident.severity > incident.before.severity
        ? "worse, now \(incident.severity.name)"
        : Incident.list(incident.joined.map(\.description))
          + (incident.joined.count > 1 ? " join" : " joins")
      return ": \(news):\(change) \(head) for \(length)"
    case .closed:
      return " is over after \(length), peak severity \(incident.severity.name): \(head): "
        + lead.fact(.closing)
    }
  }
}

extension Timestamp {
  /// The time of day in UTC, such as `06:56:49 UTC`.
  fileprivate var timeOfDay: String { "\(iso8601.dropFirst(11).prefix(8)) UTC" }
}
