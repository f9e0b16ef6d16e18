import CommandLine
import Control
import Models
import Monitor
import Series

/// The output of the `anomalyctl completion` scripts for the word at the cursor: a candidate per
/// line, its meaning after a tab; or `:files`, for the shell to complete file names.
struct CompletionAnswer {
  private let completion: Completion
  private let names: (NameKind, _ socket: String?) -> [Completion.Candidate]

  /// The kinds of names that the daemon can list.
  enum NameKind: String {
    case metric = "METRIC"
    case pattern = "PATTERN"
    case event = "EVENT"
    case incident = "INCIDENT"
    case silence = "SILENCE"
    case snapshot = "SNAPSHOT"
    case input = "INPUT"
    case output = "OUTPUT"
  }

  /// - Parameter names: queries the daemon; empty if it does not answer.
  init(
    _ completion: Completion,
    names: @escaping (NameKind, _ socket: String?) -> [Completion.Candidate] = CompletionAnswer.ask
  ) {
    self.completion = completion
    self.names = names
  }

  /// The lines for these words, the last of which is at the cursor.
  func lines(_ words: [String]) -> [String] {
    let candidates: [Completion.Candidate]
    switch completion.next(words) {
    case .words(let words): candidates = words
    case .value("FILE", let words), .value("PATH", let words), .value("DIR", let words),
      .value("OUT", let words), .value("MODEL", let words), .value("FOLDER", let words):
      guard words.isEmpty else {
        candidates = words
        break
      }
      return [":files"]
    case .value("KIND", let others):
      let kinds =
        ModelKinds.all.map { Completion.Candidate($0.name, $0.summary) }
        + [
          words.first == "train"
            ? Completion.Candidate(TraceModel.kind, TraceModel.summary)
            : Completion.Candidate("detector", "the daemon's own detector")
        ]
      candidates = kinds.filter { $0.word.hasPrefix(words.last ?? "") } + others
    case .value(let placeholder, let others):
      let socket = words.firstIndex { $0 == "--socket" || $0 == "-s" }
        .flatMap { $0 + 1 < words.count - 1 ? words[$0 + 1] : nil }
      let known = NameKind(rawValue: placeholder).map { names($0, socket) } ?? []
      candidates = known.filter { $0.word.hasPrefix(words.last ?? "") } + others
    }
    return candidates.map {
      // A name with a line break would become two candidates.
      let line = $0.meaning.isEmpty ? $0.word : "\($0.word)\t\($0.meaning)"
      return line.replacing("\n", with: " ")
    }
  }

  private static func ask(_ kind: NameKind, _ socket: String?) -> [Completion.Candidate] {
    var result: [Completion.Candidate] = []
    do throws(ControlClientError) {
      let client = try DaemonAccess.connect(socket)
      switch kind {
      case .metric, .pattern:
        try client.listMetrics(MetricListRequest(pattern: nil, state: nil)) {
          result += $0.map { Completion.Candidate("\($0.name)") }
        }
      case .event:
        try client.listEvents(EventListRequest(limit: 100)) {
          result += $0.events.map { Completion.Candidate("\($0.event.id)", $0.sentence) }
        }
      case .incident:
        try client.listIncidents(IncidentListRequest(limit: 100)) {
          result += $0.incidents.map { Completion.Candidate("\($0.id)", $0.sentence) }
        }
      case .silence:
        result = try client.silences().map { Completion.Candidate($0.id, $0.reason) }
      case .snapshot:
        result = try client.snapshots().snapshots.map {
          Completion.Candidate($0.name, $0.made.iso8601)
        }
      case .input:
        result = try client.status().inputs.map { Completion.Candidate($0.name, $0.type) }
      case .output:
        result = try client.status().outputs.map { Completion.Candidate($0.name, $0.type) }
      }
    } catch {
      // Nobody expects an error at the cursor; the command itself will report it.
      return []
    }
    return result
  }
}
