import CommandLine
import Control
import ControlSupport
import FoundationEssentials
import Series
import Support
import Testing
import anomalyctl

/// Every field that `--json` prints is named in the help and the manual page, or is a field of the
/// types of the control interface that these name.
@Suite struct JSONFieldTests {
  let folder = Folder()
  let scratch = Scratch()

  /// A value that does not matter.
  private struct Anything: Decodable {
    init(from decoder: any Decoder) {}
  }

  /// The fields of a type or of the reply of a method.
  private func fields(of name: Substring) -> Set<String> {
    let text = InterfaceDescription.text(of: "io.anomalyd") ?? ""
    let start =
      text.firstRange(of: "\ntype \(name) (")?.upperBound
      ?? text.firstRange(of: "\nmethod \(name)(").flatMap {
        text[$0.upperBound...].firstRange(of: "-> (")?.upperBound
      }
    guard let start else { return [] }
    let end = text[start...].firstRange(of: "\n\n")?.lowerBound ?? text.endIndex
    let lines = text[start..<end].split(separator: "\n").filter { !$0.contains("# ") }
    let names = lines.joined(separator: " ").split(whereSeparator: { " (),".contains($0) })
      .filter { $0.hasSuffix(":") }
    return Set(names.map { String($0.dropLast()) })
  }

  private func documented(_ usage: Usage) -> Set<String> {
    let words = usage.json.split(whereSeparator: { " ,;.():'{}\"".contains($0) })
    return words.reduce(into: Set(words.map(String.init))) { $0.formUnion(fields(of: $1)) }
  }

  /// A JSON value, as far as the names of its members are concerned.
  private indirect enum Value: Decodable {
    case object([String: Value])
    case array([Value])
    case leaf

    init(from decoder: any Decoder) throws {
      if let members = try? [String: Value](from: decoder) {
        self = .object(members)
      } else if let elements = try? [Value](from: decoder) {
        self = .array(elements)
      } else {
        self = .leaf
      }
    }

    /// Members whose own members are named after something, such as a column.
    private static let named: Set = [
      "forecasts", "intervals", "coverage", "parameters", "importance",
    ]

    /// The names of all members at any depth.
    func names(isNamed: Bool = false) -> Set<String> {
      switch self {
      case .leaf: []
      case .array(let elements): elements.reduce(into: []) { $0.formUnion($1.names()) }
      case .object(let members):
        members.reduce(into: isNamed ? [] : Set(members.keys)) { names, member in
          let isNamed =
            Value.named.contains(member.key) || member.key == "columns" && self.isDetection
          names.formUnion(member.value.names(isNamed: isNamed))
        }
      }
    }

    /// Whether `columns` is an object of shares by column, and not a list.
    private var isDetection: Bool {
      guard case .object(let members) = self else { return false }
      return members["score"] != nil
    }
  }

  /// As ``check(_:_:)``, at any depth; including the help of other commands if this help refers to
  /// them.
  private func checkDeep(_ words: [String]) throws -> Set<String> {
    let transcript = Transcript()
    let code = Program.anomalyctl.run(words + ["--json"], console: transcript.console())
    #expect(code == 0, "\(words): \(transcript.errors)")
    let usage = try Program.anomalyctl.parse(words).command.usage
    var known = documented(usage)
    for other in Program.anomalyctl.commands where usage.json.contains("'\(other.name)") {
      known.formUnion(documented(other.usage))
    }
    let lines = transcript.output.split(separator: "\n")
    #expect(!lines.isEmpty, "\(words)")
    let names = try lines.reduce(into: Set<String>()) { names, line in
      try names.formUnion(JSONDecoder().decode(Value.self, from: Data(line.utf8)).names())
    }
    #expect(names.subtracting(known).isEmpty, "\(words): \(names.subtracting(known))")
    return names
  }

  private func check(_ words: [String], _ output: String) throws {
    let command = try Program.anomalyctl.parse(words).command
    let known = documented(command.usage)
    let lines = output.split(separator: "\n")
    #expect(!lines.isEmpty, "\(words)")
    for line in lines {
      let members = try JSONDecoder().decode([String: Anything].self, from: Data(line.utf8))
      let unknown = members.keys.filter { !known.contains($0) }
      #expect(unknown.isEmpty, "\(words): \(unknown) not documented")
    }
  }

  @Test(arguments: [
    ["status"], ["metrics"], ["show", "m2"], ["incidents"], ["incidents", "89ac"], ["events"],
    ["events", "00000000"], ["events", "close", "00000000", "--reason", "x"],
    ["explain", "00000000"], ["explain", "89ac"], ["feedback", "00000000", "--confirmed"],
    ["inputs"], ["outputs"], ["outputs", "test", "full"], ["silence", "list"],
    ["silence", "add", "disk.*", "--for", "1min"], ["silence", "remove", "7"], ["models", "list"],
    ["models", "show", "m1"], ["models", "freeze", "m1"], ["models", "snapshots"],
    ["models", "snapshot", "--name", "x"], ["models", "delete", "before-upgrade"],
    ["models", "rollback", "--all", "--to", "before-upgrade"],
  ])
  func `of the daemon`(words: [String]) throws {
    let transcript = Transcript()
    let server = ServerThread(folder.socket, SampleHandler())
    defer { withExtendedLifetime(server) {} }
    _ = Program.anomalyctl.run(
      words + ["--json", "--socket", folder.socket], console: transcript.console())
    try check(words, transcript.output)
  }

  @Test(arguments: [
    ["config", "show"], ["config", "cat"], ["config", "check"], ["config", "explain", "Path"],
    ["inputs", "test"],
  ])
  func `of the configuration`(words: [String]) throws {
    write("time,v\n2026-01-01T00:00:00Z,1\n", atEndOf: scratch.file("a.csv"))
    write("[Input a]\nType=csv\nPath=\(scratch.file("a.csv"))\n", atEndOf: scratch.file("a.conf"))
    let transcript = Transcript()
    _ = Program.anomalyctl.run(
      words + ["--json", "--config", scratch.file("a.conf")], console: transcript.console())
    try check(words, transcript.output)
  }

  @Test(arguments: [[], ["--budgets", "1,2"]])
  func `of backtests`(words: [String]) throws {
    let rows = (0..<40).map { "2026-01-01T00:\($0 < 10 ? "0" : "")\($0):00Z,\($0 % 7)\n" }
    write("time,v\n" + rows.joined(), atEndOf: scratch.file("a.csv"))
    let transcript = Transcript()
    let line = ["backtest", scratch.file("a.csv"), "--json"] + words
    #expect(Program.anomalyctl.run(line, console: transcript.console()) == 0)
    try check(line, transcript.output)
  }

  /// A wave with one row per minute and a labelled jump.
  private func recording(_ rows: Int, jump: Range<Int>) -> String {
    let lines = wave(rows: rows, jumps: Set(jump)).enumerated().map { row, sample in
      "\(sample.timestamp.iso8601),\(sample.value),\(jump.contains(row) ? 1 : 0)\n"
    }
    return "time,cpu,label\n" + lines.joined()
  }

  @Test func `of models, from training to tuning`() throws {
    let (past, present) = (scratch.file("past.csv"), scratch.file("present.csv"))
    write(recording(600, jump: 0..<0), atEndOf: past)
    write(recording(400, jump: 300..<320), atEndOf: present)
    let (model, sizes) = (
      scratch.file("m.model"), ["--units", "8", "--window", "16", "--epochs", "2"]
    )
    let trained = try checkDeep(["train", "window", past, "-o", model, "--horizon", "4"] + sizes)
    #expect(trained.isSuperset(of: ["validation_losses", "transform", "interval_seconds"]))
    let evaluated = try checkDeep(["evaluate", "--model", model, present])
    #expect(
      evaluated.isSuperset(of: ["affiliation", "last_value_rmse", "vus_pr", "best_in_hindsight"]))
    let compared = try checkDeep(["compare", "--model", model, "--baseline", "all", present])
    #expect(compared.isSuperset(of: ["better_than_first", "difference", "f1_of_everything"]))
    let tuned = try checkDeep(
      ["tune", "window", present, "--labels", "label", "--trials", "4", "--parameter", "units=4:8"]
        + sizes.dropFirst(2))
    #expect(tuned.isSuperset(of: ["trials", "value", "section", "held_out_events"]))
  }

  @Test func `of traces`() throws {
    let (trace, model) = (scratch.file("made.csv"), scratch.file("made.model"))
    let made = Program.anomalyctl.run(
      ["synthesize", "--threads", "2", "--rows", "3000", "-o", trace],
      console: Transcript().console())
    #expect(made == 0)
    let columns = ["--events", "event", "--thread", "thread"]
    let names = try checkDeep(["train", "symbols", trace, "--epochs", "1", "-o", model] + columns)
    #expect(names.isSuperset(of: ["threads", "events", "left_out"]))
    _ = try checkDeep(["evaluate", "--model", model, trace])
  }

  @Test func `of the benchmark`() throws {
    let folder = try TemporaryFolder.withBenchmark()
    let names = try checkDeep(["nab", folder.path])
    #expect(names.isSuperset(of: ["profile", "hindsight", "summary", "seeds"]))
  }

  @Test func `of the diagnosis`() throws {
    let transcript = Transcript()
    let server = ServerThread(folder.socket, SampleHandler())
    defer { withExtendedLifetime(server) {} }
    let words = ["doctor", "--socket", folder.socket]
    _ = Program.anomalyctl.run(words + ["--json"], console: transcript.console())
    try check(words, transcript.output)
    #expect(transcript.output.contains("\"remedy\""))
  }
}
