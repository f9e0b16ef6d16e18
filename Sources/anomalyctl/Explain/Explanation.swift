package import Control
import Detection
package import Events
import Glibc
import Series

/// Why an event opened, in the context of its metric's own history: the daemon's facts about it,
/// and conclusions from them.
package struct Explanation: Sendable {
  /// The event.
  package let detail: EventDetail
  /// Its incident; nil if it is no longer stored.
  package var incident: IncidentDetail?
  /// Its metric now; nil if that has been removed.
  package var metric: MetricDetail?
  /// Earlier events of the metric, newest first.
  package private(set) var earlier: [RecordedEventMessage]
  /// The host's alarm budget; nil if each metric has its own.
  package var budget: BudgetStatus?
  /// The daemon's outputs as presently configured.
  package var outputs: [OutputStatus] = []

  /// - Parameter history: events of the same metric, in any order; later ones are left out.
  package init(_ detail: EventDetail, history: [RecordedEventMessage] = []) {
    self.detail = detail
    let event = detail.event.event
    earlier = history.filter {
      $0.event.metric == event.metric && $0.event.id != event.id && $0.event.opened < event.opened
    }.sorted { $0.event.opened > $1.event.opened }
  }

  /// The event as in a list.
  var recorded: RecordedEventMessage { detail.event }
  /// The event itself.
  var event: EventMessage { detail.event.event }

  // MARK: Rarity

  /// How rare a score is on this metric.
  package struct Rarity: Encodable, Equatable, Sendable {
    /// The decimal logarithm of ``samples``.
    package var score: Double
    /// The number of normal samples per one with a score this high.
    package var samples: Double
    /// The time that this number of samples takes; nil if the metric's interval is unknown.
    package var seconds: Double?
  }

  /// Of the opening sample; nil if rarity did not open the event.
  package var opening: Rarity? { opensByEvidence ? rarity(of: event.score) : nil }
  /// Of its rarest sample so far.
  package var peak: Rarity? { opensByEvidence ? rarity(of: event.peakScore) : nil }

  private var opensByEvidence: Bool { Evidence(name: event.reason) != nil }

  private func rarity(of score: Double) -> Rarity {
    let samples = pow(10, min(score, 15))
    return Rarity(score: score, samples: samples, seconds: interval.map { $0 * samples })
  }

  /// The frequency of something that happens once in this many seconds, in words.
  package static func rate(seconds: Double) -> String { Phrases.onceIn(seconds: seconds) }

  /// Seconds from one sample to the next around the opening, or as learnt by the metric.
  package var interval: Double? {
    let moments = detail.samples.map(\.timestamp.seconds)
    let steps = zip(moments, moments.dropFirst()).map { $1 - $0 }.filter { $0 > 0 }.sorted()
    if !steps.isEmpty { return steps[steps.count / 2] }
    return metric?.facts.first { $0.name == "usual interval in seconds" }?.value
  }

  /// The score from which the metric alarms now; nil if unknown.
  package var threshold: Double? {
    metric?.facts.first { $0.name == "alarm threshold" }?.value
  }

  // MARK: Kinds of evidence

  /// One kind of evidence at the opening.
  package struct Kind: Encodable, Equatable, Sendable {
    /// Its name.
    package var kind: String
    /// What it measures, such as `forecast error`.
    package var about: String
    /// How rare it was, as a decimal logarithm.
    package var decades: Double
    /// What it means.
    package var meaning: String
  }

  /// All kinds, the rarest first.
  package var kinds: [Kind] {
    detail.evidence.sorted { $0.decades > $1.decades }.map {
      Kind(
        kind: $0.kind, about: Explanation.about($0.kind), decades: $0.decades,
        meaning: Phrases.reason($0.kind))
    }
  }

  /// What a kind of evidence measures.
  private static func about(_ kind: String) -> String {
    switch kind {
    case "jump", "symbol": "forecast error"
    case "value", "value3", "unknown": "value"
    case "window8", "window48", "window144", "order8", "order32", "mix64": "pattern"
    case "drift": "persistence"
    case "quiet": "stillness"
    case "season", "season32": "time of the week"
    case "interval", "pace32": "timing"
    case "row", "rows16", "rated": "trained model"
    default: kind
    }
  }

  // MARK: History

  /// Earlier events that opened by the same kind of evidence on the same side.
  package var alike: [RecordedEventMessage] {
    earlier.filter {
      $0.event.reason == event.reason && $0.event.direction == event.direction
    }
  }

  /// The latest earlier event that was at least as rare.
  package var asRare: RecordedEventMessage? {
    opensByEvidence ? earlier.first { $0.event.peakScore >= event.score } : nil
  }

  // MARK: Company

  /// An event of the same incident.
  package struct Companion: Encodable, Equatable, Sendable {
    /// Its metric.
    package var metric: String
    /// Its id.
    package var id: String
    /// Seconds from the beginning of the explained event to its own; negative if it began earlier.
    package var offset: Double
    /// Its severity.
    package var severity: Severity
    /// What happened, without the metric's name.
    package var what: String
  }

  /// The other events of the incident in the order in which they began.
  package var companions: [Companion] {
    (incident?.events ?? []).filter { $0.event.id != event.id }
      .sorted { $0.event.began < $1.event.began }
      .map {
        Companion(
          metric: $0.event.metric, id: "\($0.event.id)",
          offset: $0.event.began.seconds - event.began.seconds, severity: $0.event.severity,
          what: EventsReport.what($0.event))
      }
  }

  // MARK: Outputs

  /// An output, and whether it is notified of the incident.
  package struct Recipient: Encodable, Equatable, Sendable {
    /// Its name.
    package var name: String
    /// Its type.
    package var type: String
    /// Whether it is notified, according to the present configuration.
    package var notified: Bool
    /// Why it is not; nil if it is.
    package var reason: String?
  }

  /// Every output; empty if the incident is no longer stored, so that its severity is unknown.
  package var recipients: [Recipient] {
    guard let incident = incident?.incident else { return [] }
    return outputs.map { output in
      let reason: String? =
        if let silence = recorded.silence {
          "muted by \(silence)"
        } else if let minimum = output.minimumSeverity {
          incident.severity >= minimum
            ? nil : "severity \(incident.severity.name) is below MinimumSeverity=\(minimum.name)"
        } else {
          "it only sends heartbeats"
        }
      return Recipient(
        name: output.name, type: output.type, notified: reason == nil, reason: reason)
    }
  }

  // MARK: Remedies

  /// Something that can be done about it.
  package struct Remedy: Encodable, Equatable, Sendable {
    /// When it fits.
    package var when: String
    /// The command, or the lines of configuration.
    package var what: String
  }

  /// What can be done, the most common first.
  package var remedies: [Remedy] {
    let id = (incident.map { String("\($0.incident.id)".suffix(4)) }) ?? "\(event.id)"
    let name = ShellWord.quoted(event.metric)
    var remedies: [Remedy] = []
    if opensByEvidence {
      remedies += [
        Remedy(when: "nothing was wrong", what: "anomalyctl feedback \(id) --false-alarm"),
        Remedy(when: "something was wrong", what: "anomalyctl feedback \(id) --confirmed"),
      ]
    }
    if recorded.closed == nil {
      remedies.append(
        Remedy(
          when: "it is known and being dealt with",
          what: "anomalyctl silence add \(name) --for 2h --reason TEXT"))
    }
    remedies.append(rule)
    return remedies
  }

  private var rule: Remedy {
    let header = "[Metric \(event.metric)]"
    switch event.reason {
    case "limit": return Remedy(when: "the limit is wrong", what: "\(header) Range=")
    case "host_limit":
      return Remedy(
        when: "the built-in limit does not fit", what: "\(header) Range= or HostLimits=no")
    case "silence":
      return Remedy(
        when: "pauses of this length are normal", what: "StallAfter= in the [Input] section")
    default:
      let number = abs((event.value ?? .nan) - (event.expected ?? .nan))
      let size = number.isFinite ? " (here \(HumanNumber.value(number)))" : ""
      return Remedy(
        when: "deviations of this size do not matter", what: "\(header) MinimumDeviation=\(size)")
    }
  }
}

/// A word of a command line.
package enum ShellWord {
  /// The word, quoted if a shell would change it.
  package static func quoted(_ word: String) -> String {
    let isPlain = word.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
      default: "._-/:@%+=".utf8.contains(byte)
      }
    }
    guard !isPlain || word.isEmpty else { return word }
    return "'" + PrintableText.escaped(word) { $0 == "'" ? "'\\''" : nil } + "'"
  }
}
