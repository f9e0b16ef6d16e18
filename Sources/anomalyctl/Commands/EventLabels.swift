import CommandLine
import Control
import Detection
import Events
import FoundationEssentials
import Series

/// The daemon's own events as labels, by the feedback they have received: confirmed ones are
/// anomalies, false alarms are not, and the others are unknown.
struct EventLabels {
  /// Spans of confirmed events.
  private(set) var anomalous: [ClosedRange<Timestamp>] = []
  /// Spans of events without feedback: they do not count.
  private(set) var unjudged: [ClosedRange<Timestamp>] = []

  /// The value of `--labels` for the events of a running daemon, optionally followed by a colon and
  /// a pattern.
  private static let keyword = "events"
  /// The extension of files written by `anomalyctl events --json`.
  private static let fileEnding = ".jsonl"

  /// Parses the value of `--labels`: `events`, `events:PATTERN` for those of some metrics, or a
  /// file written by `anomalyctl events --json`; nil for anything else.
  init?(_ text: String, _ arguments: Arguments) throws {
    if text.hasSuffix(EventLabels.fileEnding) {
      let bytes = try LocalFile.read(text)
      for (index, line) in bytes.split(separator: 0x0A).enumerated() {
        do {
          add(try JSONDecoder().decode(RecordedEventMessage.self, from: Data(line)))
        } catch {
          throw CommandFailure(
            "\(text):\(index + 1): expected an event as 'anomalyctl events --json' prints it")
        }
      }
      return
    }
    let words = text.split(separator: ":", maxSplits: 1).map(String.init)
    guard words.first == EventLabels.keyword else { return nil }
    let request = EventListRequest(pattern: words.dropFirst().first)
    let events = try DaemonAccess.ask(arguments) {
      client throws(ControlClientError) -> [RecordedEventMessage] in
      var events: [RecordedEventMessage] = []
      try client.listEvents(request) { events += $0.events }
      return events
    }
    for event in events { add(event) }
  }

  private mutating func add(_ event: RecordedEventMessage) {
    let began = event.event.began
    let span = began...max(began, event.closed ?? event.event.updated ?? event.event.opened)
    switch event.feedback?.judgement {
    case .confirmed: anomalous.append(span)
    case .falseAlarm: break
    case .withdrawn, nil: unjudged.append(span)
    }
  }
}
