import CommandLine
import Control
import Detection
import Monitor
import Series

extension Command {
  /// `anomalyctl models export`.
  package static let modelsExport = Command(
    Usage(
      command: "anomalyctl models export",
      summary: "Export the whole state of a metric to a file",
      details: """
        The file is versioned, checksummed and portable across machines. It contains weights, \
        optimiser state, calibration, the latest samples and feedback. 'models import' makes a \
        metric continue from it.
        """,
      arguments: [.init("METRIC", help: "Name of the metric, as 'anomalyctl metrics' lists it")],
      options: [
        .value("output", short: "o", "OUT", help: "The file; replaced if it exists"),
        .value("snapshot", "SNAPSHOT", help: "As it was in this snapshot"),
        DaemonAccess.socketOption,
      ],
      examples: [
        .init("anomalyctl models export furnace.temperature -o furnace.state", "All of it.")
      ]
    )
  ) { arguments, console in
    guard let path = arguments.value("output") else { throw UsageError.missingArgument("--output") }
    try LocalFile.requireWritable(path)
    let request = ExportRequest(
      name: arguments.positional[0], snapshot: arguments.value("snapshot"))
    let bytes = try ModelsAccess.ask(arguments) { client throws(ControlClientError) in
      try client.exportModel(request)
    }
    try LocalFile.replace(path, with: bytes)
    try console.write(
      "\(Layout.printable(path)): \(Layout.printable(request.name)), \(HumanNumber.bytes(bytes.count))\n"
    )
  }

  /// `anomalyctl models import`.
  package static let modelsImport = Command(
    Usage(
      command: "anomalyctl models import",
      summary: "Import the state of a metric from a file",
      details: """
        Its scores then continue exactly as on the exporting host. Differences in sampling \
        interval, version and rules are printed. [Metric] rules, open events and alarm budget debt \
        are not transferred; feedback is, unless the metric already has some. A metric that does \
        not exist yet is created. Seed= in [Detector] must be the same. Requires root or \
        membership in the group anomalyd-admin.
        """,
      arguments: [.init("FILE", help: "A file written by 'anomalyctl models export'")],
      options: [
        .value("as", "METRIC", help: "The metric (default: the one of the same name)"),
        DaemonAccess.jsonOption, DaemonAccess.socketOption,
      ],
      examples: [
        .init("anomalyctl models import furnace.state --as furnace2.temperature", "A twin.")
      ],
      json: "One object, the reply of ImportModel in io.anomalyd(7)."
    )
  ) { arguments, console in
    let path = arguments.positional[0]
    let bytes = try LocalFile.read(path)
    // So that a damaged file is found here, with its name.
    _ = try PortableFile.model(bytes, of: path)
    let request = ImportRequest(bytes, name: arguments.value("as"))
    let reply = try DaemonAccess.ask(arguments) { client throws(ControlClientError) in
      try client.importModel(request)
    }
    if arguments.has("json") { return try console.write(MessageJSON.line(reply) + "\n") }
    try console.write(
      lines: [
        "\(Layout.printable(reply.metric)) continues as \(Layout.printable(reply.source)) of "
          + Phrases.date(reply.exported)
      ] + reply.differences.map { "  differs: \(Layout.printable($0))" })
  }

  /// `anomalyctl models diff`.
  package static let modelsDiff = Command(
    Usage(
      command: "anomalyctl models diff",
      summary: "Describe the differences between two states of a metric, or between two metrics",
      arguments: [
        .init(
          "METRIC",
          help: "The first: a metric, METRIC@SNAPSHOT, or a file from 'models "
            + "export'"),
        .init("METRIC", help: "The second, in the same form"),
      ],
      options: [DaemonAccess.jsonOption, DaemonAccess.socketOption, Pager.option],
      examples: [
        .init("anomalyctl models diff cpu.busy@before-upgrade cpu.busy", "What has changed since?"),
        .init("anomalyctl models diff a.state b.state", "Two files, without the daemon."),
      ],
      json: "One object: differences (sentences)."
    )
  ) { arguments, console in
    let words = arguments.positional
    let states = try words.map { word in try PortableFile.state(word, arguments) }
    let lines = ModelsDiff(states[0], states[1]).lines
    try console.write(
      lines: arguments.has("json") ? [MessageJSON.line(["differences": lines])] : lines)
  }
}

/// Exported states, in files or from the daemon.
enum PortableFile {
  /// The exported metric in a file.
  static func model(_ bytes: [UInt8], of path: String) throws(CommandFailure) -> PortableModel {
    do throws(PortableModelError) {
      return try PortableModel(bytes: bytes)
    } catch {
      throw CommandFailure("\(path): \(error)")
    }
  }

  /// The exported state that a word of the command line refers to.
  static func state(_ word: String, _ arguments: Arguments) throws -> PortableFacts {
    let model: PortableModel
    if LocalFile.exists(word) {
      model = try self.model(try LocalFile.read(word), of: word)
    } else {
      // A name may contain an @, the name of a snapshot may not.
      let parts = word.split(separator: "@", omittingEmptySubsequences: false)
      let snapshot = parts.count > 1 ? parts.last.map(String.init) : nil
      let name = parts.count > 1 ? parts.dropLast().joined(separator: "@") : word
      let bytes = try ModelsAccess.ask(arguments) { client throws(ControlClientError) in
        try client.exportModel(ExportRequest(name: name, snapshot: snapshot))
      }
      model = try self.model(bytes, of: word)
    }
    do throws(MetricDecodingError) {
      return try model.facts()
    } catch {
      throw CommandFailure("\(word): \(error)")
    }
  }
}

/// A description of an exported metric, for people and for scripts.
struct PortableReport {
  private let model: PortableModel

  init(_ model: PortableModel) {
    self.model = model
  }

  /// - Parameter path: for the error if it cannot be read.
  func lines(of path: String) throws(CommandFailure) -> [String] {
    let facts: PortableFacts
    do throws(MetricDecodingError) {
      facts = try model.facts()
    } catch {
      throw CommandFailure("\(path): \(error)")
    }
    let interval = model.interval.map { ", one every \(HumanNumber.duration($0))" } ?? ""
    return [
      "\(Layout.printable(model.metric.text)): exported \(Phrases.date(model.exported)) by anomalyd "
        + Layout.printable(model.version),
      "  learnt    from \(HumanNumber.counted(facts.learning.seen, "observation"))\(interval)",
      "  seed      \(model.seed)",
    ] + model.rules.map { "  rule      \(Layout.printable($0)), not transferred by an import" }
  }

  /// One JSON object.
  var json: String {
    MessageJSON.line(
      JSON(
        metric: model.metric.text, exported: model.exported, version: model.version,
        seed: Int(clamping: model.seed), interval: model.interval.map(\.inSeconds),
        rules: model.rules))
  }

  private struct JSON: Encodable {
    var metric: String
    var exported: Timestamp
    var version: String
    var seed: Int
    var interval: Double?
    var rules: [String]
  }
}
