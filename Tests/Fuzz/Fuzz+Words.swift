import CommandLine
import FoundationEssentials
import Series

@testable import Outputs
@testable import anomalyctl

private let now = Timestamp(seconds: 1_700_000_000)

/// A command with an option and an argument of each kind.
private let parser = OptionParser(
  Usage(
    command: "anomalyctl x", summary: "x",
    arguments: [.init("METRIC", help: "x"), .init("MORE", .any, help: "x")],
    options: [
      .flag("all", short: "a", help: "x"), .value("since", short: "s", "TIME", help: "x"),
      .choice("format", ["text", "json"], help: "x"),
      .repeated("column", short: "c", "COLUMN", help: "x"),
    ]))

extension FuzzTarget {
  /// A command line, one word a line, and times as people write them.
  static let arguments = FuzzTarget(
    "arguments", maximumBytes: 128,
    texts: [
      "cpu.busy\n--since\n2h ago\n-a\n-c\n1\n--column=2", "--format=json\n--\n-x\n--help",
      "--sinec=1h\n-5", "-h", "2026-11-20 14:00", "2026-02-29T23:59:60.5Z", "yesterday",
      "-1h 30min ago", "--=\n-",
    ]
  ) { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    let words = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    do throws(UsageError) {
      if case .run(let arguments) = try parser.parse(words) {
        promise(arguments.positional.count <= words.count, "no word is made up")
      }
    } catch {
      _ = error.description
    }
    for word in words {
      if let moment = SinceTime.parse(word, now: now) { _ = moment.iso8601 }
    }
  }

  /// The last line of a file of events, which a crash may have torn.
  static let tornLine = FuzzTarget(
    "torn-line",
    texts: [
      "{\"id\":\"a\",\"samples\":[{\"value\":1}],\"explanation\":\"x \\\"{\\\" y\"}",
      "{\"id\":\"a\",\"samples\":[{\"val", "}{", "{\"a\\",
    ]
  ) { bytes in
    // With these it may be UTF-16, which nobody here writes.
    guard !bytes.contains(0), TornLine.isTorn(bytes) else { return }
    struct Anything: Decodable {
      init(from decoder: any Decoder) throws { _ = try decoder.container(keyedBy: Key.self) }
      struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
      }
    }
    promise(
      (try? JSONDecoder().decode(Anything.self, from: Data(bytes))) == nil,
      "a whole line is not cut off")
  }
}
