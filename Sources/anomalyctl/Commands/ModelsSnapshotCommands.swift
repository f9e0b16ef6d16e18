import CommandLine
import Control
import Monitor
import Series

extension Command {
  /// `anomalyctl models snapshot`.
  package static let modelsSnapshot = Command(
    Usage(
      command: "anomalyctl models snapshot",
      summary: "Take a snapshot of what models have learnt",
      details: """
        A named snapshot is kept until 'models delete'; an unnamed one until snapshots exceed \
        SnapshotBytes= of [Agent]. The daemon takes unnamed ones automatically, every \
        SnapshotInterval= and of the time before each incident. Requires root or membership in the \
        group anomalyd-admin.
        """,
      arguments: [
        .init("METRIC", .any, help: "Names or patterns with *, ? and [...] (default: all metrics)")
      ],
      options: [
        .value("name", "NAME", help: "Its name: letters, digits, dots, hyphens, underscores"),
        DaemonAccess.jsonOption, DaemonAccess.socketOption,
      ],
      examples: [
        .init(
          "anomalyctl models snapshot --name before-upgrade", "All models, kept until deleted."),
        .init("anomalyctl models snapshot --name furnace 'furnace.*'", "Those of the furnace."),
      ],
      json: "One object, type Snapshot of io.anomalyd(7)."
    )
  ) { arguments, console in
    let request = SnapshotRequest(
      name: arguments.value("name"), metrics: arguments.positional)
    let made = try ModelsAccess.ask(arguments) {
      client throws(ControlClientError) -> Result<ModelSnapshot?, UsageError> in
      do throws(ControlClientError) {
        return .success(try client.snapshotModels(request))
      } catch .refused(.invalidParameter("name")) {
        return .failure(
          .invalidValue(
            of: "--name", value: request.name ?? "",
            expected: "at most 64 letters, digits, '.', '_' and '-', not beginning with 'auto-' or "
              + "'incident-'",
            suggestion: nil))
      }
    }.get()
    guard let made else { throw CommandFailure("the daemon stopped before the snapshot was taken") }
    try SnapshotsReport.write(made, "kept", arguments, console)
  }

  /// `anomalyctl models snapshots`.
  package static let modelsSnapshots = Command(
    Usage(
      command: "anomalyctl models snapshots",
      summary: "List snapshots of models",
      options: [DaemonAccess.jsonOption, DaemonAccess.socketOption, Pager.option],
      examples: [
        .init(
          "anomalyctl models snapshots",
          "The snapshots to which models can be "
            + "rolled back.")
      ],
      json: "Type Snapshot of io.anomalyd(7), one per line."
    )
  ) { arguments, console in
    let reply = try DaemonAccess.ask(arguments) { client throws(ControlClientError) in
      try client.snapshots()
    }
    if arguments.has("json") {
      try console.write(lines: reply.snapshots.map { MessageJSON.line($0) })
    } else if reply.snapshots.isEmpty {
      console.note("no snapshots yet\n")
    } else {
      let report = SnapshotsReport(reply: reply, now: DaemonAccess.now())
      try console.write(lines: report.lines(width: console.width, style: console.style))
    }
  }

  /// `anomalyctl models delete`.
  package static let modelsDelete = Command(
    Usage(
      command: "anomalyctl models delete",
      summary: "Delete a snapshot",
      details: "Requires root or membership in the group anomalyd-admin.",
      arguments: [.init("SNAPSHOT", help: "Its name, as 'anomalyctl models snapshots' lists it")],
      options: [DaemonAccess.jsonOption, DaemonAccess.socketOption],
      examples: [.init("anomalyctl models delete before-upgrade", "The upgrade went well.")],
      json: "One object, type Snapshot of io.anomalyd(7)."
    )
  ) { arguments, console in
    let deleted = try DaemonAccess.ask(arguments) { client throws(ControlClientError) in
      try client.deleteSnapshot(arguments.positional[0])
    }
    try SnapshotsReport.write(deleted, "deleted", arguments, console)
  }
}

/// Snapshots as a table.
private struct SnapshotsReport {
  let reply: SnapshotsReply
  let now: Timestamp

  func lines(width: Int?, style: Style) -> [String] {
    var table = Table([
      .name("snapshot"), .text("made"), .text("age").optional(2), .number("size"),
      .text("why", yields: true),
    ])
    for snapshot in reply.snapshots {
      let why =
        switch snapshot.origin {
        case .schedule: "on schedule"
        case .incident: "before an incident"
        case .user: "by a user, kept until deleted"
        }
      table.add([
        Table.Cell(snapshot.name), Table.Cell(Phrases.date(snapshot.made)),
        Table.Cell(Phrases.ago(snapshot.made, now: now)),
        Table.Cell(HumanNumber.bytes(snapshot.bytes)), Table.Cell(why),
      ])
    }
    let bytes = reply.snapshots.reduce(0) { $1.origin == .user ? $0 : $0 + $1.bytes }
    return table.lines(width: width, style: style) + [
      "",
      "unnamed ones use \(HumanNumber.bytes(bytes)) of at most "
        + "\(HumanNumber.bytes(reply.maximumBytes)) (SnapshotBytes=)",
    ]
  }

  static func write(
    _ snapshot: ModelSnapshot, _ verb: String, _ arguments: Arguments, _ console: Console
  ) throws {
    if arguments.has("json") {
      try console.write(MessageJSON.line(snapshot) + "\n")
    } else {
      try console.write(
        "\(verb): snapshot \(Layout.printable(snapshot.name)) of \(Phrases.date(snapshot.made)), "
          + "\(HumanNumber.bytes(snapshot.bytes))\n")
    }
  }
}
