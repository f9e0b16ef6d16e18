import CommandLine
import Control
import ControlSupport
import FoundationEssentials
import Glibc
import Monitor
import Series
import Support
import Synchronization
import System
import Testing
import anomalyctl

/// Text that manipulates a terminal: a title, a cleared screen, a line of its own, the escape
/// introducer in one character, right-to-left text.
private let hostile = "x\u{1B}]0;owned\u{07}\u{1B}[2J\r\nforged\u{9B}31m\u{202E}\u{7F}y"

/// The same in JSON.
private let hostileJSON = #""x\u001b]0;owned\u0007\u001b[2J\r\nforged\u009b31m\u202e\u007fy""#

/// The part of `text` that a terminal would obey.
private func escapes(in text: String) -> [Unicode.Scalar] {
  text.unicodeScalars.filter { $0 != "\n" && !PrintableText.isSafe($0) }
}

/// Replaces one of the texts that are values in JSON.
/// - Parameter index: which; reduced by the number of texts before it that were passed.
private func tamper(with message: some Sequence<UInt8>, at index: inout Int) -> [UInt8] {
  let bytes = Array(message)
  var result: [UInt8] = []
  var place = 0
  while place < bytes.count {
    guard bytes[place] == UInt8(ascii: "\"") else {
      result.append(bytes[place])
      place += 1
      continue
    }
    var end = place + 1
    while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
      end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1
    }
    let next = end + 1 < bytes.count ? bytes[end + 1] : 0
    let isKey = next == UInt8(ascii: ":")
    result += !isKey && index == 0 ? Array(hostileJSON.utf8) : Array(bytes[place...end])
    if !isKey { index -= 1 }
    place = end + 1
  }
  return result
}

/// Selects the text of a command's replies that is replaced.
private final class Aim: Sendable {
  /// How many texts are left before it; negative: it has been replaced.
  private let left = Mutex(0)

  func choose(_ target: Int) { left.withLock { $0 = target } }

  var hasReplaced: Bool { left.withLock { $0 < 0 } }

  func tamper(with message: [UInt8]) -> [UInt8] {
    left.withLock { AnomalyctlTests.tamper(with: message, at: &$0) }
  }
}

/// A proxy between anomalyctl and a daemon that replaces one text of the daemon's replies.
private final class Tamperer: Sendable {
  let aim = Aim()
  private let stop = Latch()
  private let thread: TestThread

  init(_ path: String, before daemon: String) throws {
    // A failing command hangs up before it has read everything.
    signal(SIGPIPE, SIG_IGN)
    let listener = try Descriptor(unixSocket: .stream, blocks: true)
    try #require(UnixAddress(path: path)).bind(listener)
    listen(listener.number, 8)
    let number = fcntl(listener.number, F_DUPFD_CLOEXEC, 3)
    let (stop, aim) = (stop, aim)
    thread = TestThread {
      defer { close(number) }
      while !stop.isOpen {
        guard isReadable(number) else { continue }
        let client = Descriptor(owning: accept(number, nil, nil))
        relay(client.number, daemon, until: stop) { aim.tamper(with: $0) }
      }
    }
  }

  deinit {
    stop.open()
    thread.join()
  }
}

private func isReadable(_ descriptor: Int32) -> Bool {
  var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
  return poll(&watched, 1, 10) > 0
}

/// Passes bytes between a client and a daemon until one of them hangs up.
private func relay(
  _ client: Int32, _ daemon: String, until stop: Latch, changing change: ([UInt8]) -> [UInt8]
) {
  guard let server = try? Descriptor(unixSocket: .stream, blocks: true),
    (try? UnixAddress(path: daemon)?.connect(server)) != nil
  else { return }
  var pending: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while !stop.isOpen {
    var watched = [client, server.number].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    guard poll(&watched, 2, 20) > 0 else { continue }
    if watched[0].revents != 0 {
      let count = read(client, &buffer, buffer.count)
      let call = Array(buffer[..<max(0, count)])
      guard count > 0, (try? writeAll(call.span.bytes, to: server.number)) != nil else { return }
    }
    if watched[1].revents != 0 {
      let count = read(server.number, &buffer, buffer.count)
      guard count > 0 else { return }
      pending += buffer[..<count]
      while let end = pending.firstIndex(of: 0) {
        let message = change(Array(pending[..<end])) + [0]
        pending.removeSubrange(...end)
        guard (try? writeAll(message.span.bytes, to: client)) != nil else { return }
      }
    }
  }
}

/// What a tap delivers.
private let samples: TapReply = message(
  """
  {"samples": [
    {"metric": "m1", "at": "NOON", "state": "normal", "value": 1, "expected": 1, "score": 0.2},
    {"metric": "m2", "at": "NOON", "state": "anomalous", "value": 1, "expected": 1, "score": 4}],
   "lost": 0}
  """)

@Suite struct HostileTextTests {
  let folder = Folder()
  private static let commands: [Command] = [
    .status, .doctor, .metrics, .show, .tap, .incidents, .events, .closeEvent, .feedback, .inputs,
    .outputs, .outputsTest, .silenceAdd, .silenceList, .silenceRemove, .modelsList, .modelsShow,
    .modelsFreeze, .modelsUnfreeze, .modelsReset, .modelsSnapshot, .modelsSnapshots,
    .modelsDelete, .modelsRollback, .modelsUnlearn, .modelsImport,
  ]

  /// Whichever text of whichever reply is hostile: only text is printed.
  @Test(arguments: [
    "status", "status --json", "doctor", "doctor --json", "metrics", "metrics --json", "show m2",
    "show m1 --json", "tap --count 2", "tap --json --count 2", "incidents", "incidents --json",
    "incidents 89ac", "incidents 89ac --json", "events", "events --json", "events 0000",
    "events 0000 --json", "events close 0001 --reason x", "feedback 0001 --false-alarm --note x",
    "feedback 0001 --false-alarm --json", "inputs", "inputs --json", "outputs", "outputs --json",
    "outputs test events --timeout 0.2", "outputs test full --timeout 0.2 --json",
    "silence list", "silence list --json", "silence add disk.* --for 1h --reason x",
    "silence remove 7", "models list", "models list --json", "models show m1",
    "models show m4 --json",
    "models freeze m1", "models reset m1 --json", "models snapshot", "models snapshots",
    "models snapshots --json", "models delete before-upgrade", "models rollback m1",
    "models rollback m1 --json", "show m9", "events 77", "silence remove 9", "models freeze x",
  ])
  func `no text of a daemon's replies controls the terminal`(_ line: String) throws {
    let handler = SampleHandler()
    let server = ServerThread(folder.socket, handler)
    defer { withExtendedLifetime(server) {} }
    let path = folder.path + "/tampered"
    let tamperer = try Tamperer(path, before: folder.socket)
    let words = line.split(separator: " ").map(String.init) + ["--socket", path]
    var target = 0
    repeat {
      tamperer.aim.choose(target)
      if line.hasPrefix("tap") {
        // Events taken by the previous round's tap would be missing from this one's.
        #expect(eventually { handler.source.open == 0 })
        handler.source.push([samples], ends: false)
      }
      let transcript = Transcript()
      _ = Program(commands: Self.commands).run(words, console: transcript.console(width: 100))
      let found = escapes(in: transcript.output + transcript.errors)
      #expect(found.isEmpty, "text \(target): \(transcript.output)\(transcript.errors)")
      target += 1
    } while tamperer.aim.hasReplaced && target < 400
  }

  /// The same for the full screen, whose replies are decoded before they are drawn.
  @Test func `no text of a daemon's replies controls the full screen`() throws {
    let handler = SampleHandler()
    let status = Array(MessageJSON.line(handler.status()).utf8)
    let events = Array(MessageJSON.line(handler.recorded).utf8)
    let incidents = Array(MessageJSON.line([handler.incident]).utf8)
    var target = 0
    var hasReplaced = true
    while hasReplaced {
      var left = [target, target, target]
      let decoder = JSONDecoder()
      let answers = (
        try? decoder.decode(StatusReply.self, from: Data(tamper(with: status, at: &left[0]))),
        try? decoder.decode(
          [RecordedEventMessage].self, from: Data(tamper(with: events, at: &left[1]))),
        try? decoder.decode(
          [IncidentMessage].self, from: Data(tamper(with: incidents, at: &left[2])))
      )
      hasReplaced = left.contains { $0 < 0 }
      var snapshot = TopModel.Snapshot(
        status: answers.0 ?? handler.status(),
        metrics: try handler.listMetrics(MetricListRequest(), from: 0, limit: 5).metrics)
      snapshot.metrics[0].name = hostile
      snapshot.events = answers.1 ?? []
      snapshot.incidents = answers.2 ?? []
      for view in ["", "e", "i"] {
        var model = TopModel()
        model.take(snapshot)
        for key in view { model.press(.character(key), page: 5) }
        let lines = TopScreen(columns: 120, lines: 60, style: .plain, host: "x").draw(&model)
        #expect(lines.allSatisfy { escapes(in: $0).isEmpty }, "text \(target) in view '\(view)'")
        #expect(!lines.contains { $0.contains("\n") }, "text \(target) in view '\(view)'")
      }
      target += 1
    }
    #expect(target > 50)
  }

  /// Recordings and configuration of others: their names, columns and cells.
  @Test(arguments: [
    "backtest FILE", "backtest FILE --json", "backtest FILE --budgets 1,2", "plot FILE",
    "train window FILE --units 2 --epochs 1 -o MODEL", "evaluate -m MODEL FILE",
    "tune window FILE --trials 1 --json", "inputs test --config CONF --for 100ms",
    "inputs test --config CONF --for 100ms --json", "config show --config CONF",
    "config show --config CONF --json", "config check --config CONF",
    "config check --config BAD", "config check --config BAD --json", "backtest BAD",
  ])
  func `no file's name, column or cell controls the terminal`(_ line: String) {
    let file = folder.path + "/a\u{1B}[2J\u{9B}1m\nforged.csv"
    let head = "time,\(hostile.replacing("\r\n", with: " ")),b\u{1B}[31m\n"
    write(
      head
        + (0..<400).map { "\(1_700_000_000 + $0 * 60),\($0 % 7),\($0 == 9 ? "\u{1B}[1m" : "2")\n" }
        .joined(), atEndOf: file)
    let conf = folder.path + "/conf\u{1B}[31m"
    write("[Input x]\nType=csv\nPath=\(folder.path)/a*.csv\n", atEndOf: conf)
    let bad = folder.path + "/bad\u{1B}[31m"
    write("[Input \u{1B}[31m]\nType=\u{9B}31m\u{202E}\nPath=\u{1B}[2J\n", atEndOf: bad)
    let names = [
      "FILE": file, "MODEL": folder.path + "/m\u{1B}.model", "CONF": conf, "BAD": bad,
    ]
    let words = line.split(separator: " ").map { names[String($0)] ?? String($0) }
    let program = Program(commands: [
      .backtest, .plot, .train, .evaluate, .tune, .inputsTest, .configShow, .configCheck,
    ])
    let transcript = Transcript()
    if line.hasPrefix("evaluate") {
      let training = ["train", "window", file, "--units", "2", "--epochs", "1"]
      _ = program.run(training + ["-o", names["MODEL"] ?? ""], console: Transcript().console())
    }
    _ = program.run(words, console: transcript.console(width: 100))
    #expect(escapes(in: transcript.output + transcript.errors).isEmpty)
    #expect(!(transcript.output + transcript.errors).isEmpty)
    #expect(
      !(transcript.output + transcript.errors).split(separator: "\n").contains {
        $0.hasPrefix("forged")
      })
  }
}
