package import CommandLine
import Control
import Glibc
import Inputs
import System

extension Command {
  /// `anomalyctl send`.
  package static let send = Command(
    Usage(
      command: "anomalyctl send",
      summary: "Send a value to an input of Type=socket",
      details: """
        The value is aggregated with all others of that metric until the end of the input's \
        interval. Requires no group membership unless SocketMode= does.
        """,
      arguments: [
        .init(
          "NAME", .optional, help: "Name of the metric; the input adds its prefix"),
        .init("VALUE", .optional, help: "A number; for a set, any text; for an event, its id"),
      ],
      options: [
        .choice(
          "type",
          short: "t",
          MetricLine.Kind.allCases.map(\.rawValue),
          help: "gauge: a state (default); counter: a number of occurrences; timer: one "
            + "measurement; set: a member, of which distinct ones are counted; event: a trace "
            + "event, judged by order and timing"
        ),
        .flag("change", short: "c", help: "Add VALUE to the gauge instead of setting it"),
        .flag(
          "lines",
          short: "l",
          help:
            "Send the lines of standard input as they arrive, unchanged, in StatsD format or "
            + "InfluxDB line protocol; survives a daemon restart"
        ),
        .value(
          "socket",
          short: "s",
          "PATH",
          help: "Socket of the input (default: \(SocketSection.systemPath), then that of this "
            + "user's own daemon)"
        ),
      ],
      examples: [
        .init("anomalyctl send backup.bytes 123456", "A job reports its progress."),
        .init("anomalyctl send --type counter logins 1", "One more login."),
        .init("anomalyctl send --type event door opened", "The next step of a sequence."),
        .init(
          "my-exporter | anomalyctl send --lines",
          "Lines such as 'queue,name=mail depth=3' from another program."
        ),
      ]
    )
  ) { arguments, console in
    if arguments.has("lines") {
      if let extra = arguments.positional.first { throw UsageError.unexpectedArgument(extra) }
      var relay = try LineRelay(to: arguments.value("socket"), note: console.note)
      try relay.run(from: STDIN_FILENO)
    } else {
      let line = try MetricLine(arguments)
      let sender = try MetricSender(path: arguments.value("socket"))
      do throws(Errno) {
        try sender.send(Array(line.text.utf8))
      } catch {
        throw MetricSender.failure(error, sender.path)
      }
    }
  }
}

/// One value in StatsD format.
package struct MetricLine: Equatable {
  /// The kind of value.
  package enum Kind: String, CaseIterable {
    /// A state.
    case gauge
    /// Events.
    case counter
    /// One measurement.
    case timer
    /// A thing.
    case set
    /// Its id.
    case event

    /// The StatsD type.
    fileprivate var letter: String {
      switch self {
      case .gauge: "g"
      case .counter: "c"
      case .timer: "ms"
      case .set: "s"
      case .event: "e"
      }
    }
  }

  /// The line, or lines.
  package let text: String

  /// The value from a command line.
  package init(_ arguments: Arguments) throws(UsageError) {
    guard let name = arguments.positional.first else { throw .missingArgument("NAME") }
    guard arguments.positional.count > 1 else { throw .missingArgument("VALUE") }
    let value = arguments.positional[1]
    let kind = arguments.value("type").flatMap(Kind.init) ?? .gauge
    guard !name.isEmpty, !name.contains(where: { ":|".contains($0) || $0.isNewline }) else {
      throw .invalidValue(
        of: "NAME", value: name, expected: "a name without colons, vertical bars and line breaks",
        suggestion: nil)
    }
    if kind == .set || kind == .event {
      guard !value.isEmpty, !value.contains(where: { $0 == "|" || $0.isNewline }) else {
        throw .invalidValue(
          of: "VALUE", value: value, expected: "a text without vertical bars and line breaks",
          suggestion: nil)
      }
    } else {
      guard let number = Double(value), number.isFinite,
        value.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) })
      else {
        throw .invalidValue(
          of: "VALUE", value: value, expected: "a number such as 12.5", suggestion: nil)
      }
    }
    let isSigned = value.hasPrefix("+") || value.hasPrefix("-")
    switch (kind, arguments.has("change")) {
    case (.gauge, true):
      text = "\(name):\(isSigned ? value : "+" + value)|g"
    case (.gauge, false) where isSigned:
      // A leading sign means a change; after a reset to 0 it sets the value.
      text = "\(name):0|g\n\(name):\(value)|g"
    case (_, true):
      throw .invalidValue(
        of: "--change", value: kind.rawValue, expected: "a gauge", suggestion: nil)
    default: text = "\(name):\(value)|\(kind.letter)"
    }
  }
}
