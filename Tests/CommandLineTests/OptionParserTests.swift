import CommandLine
import Testing

@Suite struct OptionParserTests {
  let parser = OptionParser(
    Usage(
      command: "tool", summary: "Does it",
      arguments: [.init("FILE", help: "Input"), .init("MORE", .any, help: "More")],
      options: [
        .flag("json", short: "j", help: "JSON"), .value("socket", short: "s", "PATH", help: "Path"),
        .repeated("label", "TEXT", help: "Label"),
        .choice("state", ["warming", "normal", "anomalous"], help: "State"),
      ]))

  func arguments(_ words: [String]) throws -> Arguments {
    let outcome = try parser.parse(words)
    guard case .run(let arguments) = outcome else { throw AskedForHelp() }
    return arguments
  }

  @Test(arguments: [
    ["--socket", "/s", "f", "g"], ["f", "--socket=/s", "g"], ["-s", "/s", "f", "--", "g"],
    ["f", "g", "-s", "/s"],
  ])
  func `accepts options before, between and after arguments`(words: [String]) throws {
    let arguments = try arguments(words)
    #expect(arguments.value("socket") == "/s")
    #expect(arguments.positional == ["f", "g"])
    #expect(!arguments.has("json"))
  }

  @Test func `treats words after two dashes literally, and a lone dash as an argument`() throws {
    let arguments = try arguments(["-j", "-", "--", "--socket", "--", "-h"])
    #expect(arguments.positional == ["-", "--socket", "--", "-h"])
    #expect(arguments.has("json"))
    #expect(arguments.value("socket") == nil)
  }

  @Test func `keeps an empty value and everything after the first equals sign`() throws {
    #expect(try arguments(["f", "--socket="]).value("socket") == "")
    #expect(try arguments(["f", "--socket=a=b"]).value("socket") == "a=b")
    #expect(try arguments(["f", "--socket", "--json"]).value("socket") == "--json")
  }

  @Test func `collects a repeated option in order`() throws {
    let arguments = try arguments(["--label", "a", "f", "--label=b"])
    #expect(arguments.values("label") == ["a", "b"])
  }

  @Test(arguments: [
    (["f", "--jsn"], UsageError.unknownOption("--jsn", suggestion: "--json")),
    (["f", "--sok=x"], .unknownOption("--sok", suggestion: nil)),
    (["f", "-x"], .unknownOption("-x", suggestion: nil)),
    (["f", "--socket"], .missingValue(option: "--socket", expected: "PATH")),
    (["f", "--json=yes"], .unexpectedValue(option: "--json", value: "yes")),
    (["f", "-s", "a", "--socket", "b"], .repeatedOption("--socket")),
    (
      ["f", "--state", "normla"],
      .invalidValue(
        of: "--state", value: "normla", expected: "warming, normal, anomalous",
        suggestion: "normal")
    ),
    ([], .missingArgument("FILE")),
  ])
  func `names the word that it cannot parse`(words: [String], error: UsageError) {
    #expect(throws: error) { try parser.parse(words) }
  }

  @Test func `rejects an excess argument`() {
    let parser = OptionParser(
      Usage(command: "tool", summary: "x", arguments: [.init("A", .optional, help: "a")]))
    #expect(throws: UsageError.unexpectedArgument("c")) { try parser.parse(["b", "c"]) }
  }

  @Test(arguments: [["-h"], ["--help"], ["--bad", "--help"]])
  func `prints help whatever else is wrong`(words: [String]) throws {
    #expect(try parser.parse(words) == .help)
  }

  @Test(arguments: [
    ("7", 7), ("-3", -3), ("0x7", nil), ("7.5", nil), ("", nil), ("11", nil),
  ])
  func `reads whole numbers within their range`(text: String, number: Int?) throws {
    let arguments = try arguments(["f", "--socket=\(text)"])
    if let number {
      #expect(try arguments.integer("socket", in: -5...10) == number)
    } else {
      #expect(
        throws: UsageError.invalidValue(
          of: "--socket", value: text, expected: "a whole number from -5 to 10", suggestion: nil)
      ) { try arguments.integer("socket", in: -5...10) }
    }
  }

  @Test(arguments: [("0.5", 0.5), ("1e-3", 0.001), ("nan", nil), ("inf", nil), ("2", nil)])
  func `reads numbers within their range`(text: String, number: Double?) throws {
    let arguments = try arguments(["f", "--socket=\(text)"])
    if let number {
      #expect(try arguments.number("socket", in: 0...1) == number)
    } else {
      #expect(
        throws: UsageError.invalidValue(
          of: "--socket", value: text, expected: "a number from 0 to 1", suggestion: nil)
      ) { try arguments.number("socket", in: 0...1) }
    }
  }

  @Test func `generates help from the declaration`() {
    let usage = Usage(
      command: "tool run", summary: "Run it", details: "One\ntwo.\n\nThree.",
      arguments: [
        .init("FILE", .oneOrMore, help: "Files to run over, as many as you like, really")
      ],
      options: [
        .flag("json", short: "j", help: "Print JSON"), .value("out", "DIR", help: "Where"),
      ],
      examples: [.init("tool run a b", "Runs a and b.")], exitCodes: [.init(0, "success")])
    #expect(
      usage.help(width: 50) == """
        Usage: tool run [OPTION...] FILE...

        Run it.

        One two.

        Three.

        Arguments:
          FILE  Files to run over, as many as you like,
                really

        Options:
          -j, --json     Print JSON
              --out DIR  Where
          -h, --help     Print this help and exit

        Examples:
          tool run a b
              Runs a and b.

        Exit codes:
          0  success

        """)
  }
}

/// The line requested help, which the test did not expect.
private struct AskedForHelp: Error {}

@Suite struct NearMissTests {
  @Test(arguments: [
    ("stauts", "status"), ("metric", "metrics"), ("STATUS", "status"), ("sho", "show"),
    ("back", "backtest"), ("xyz", nil), ("s", nil), ("", nil),
  ])
  func `suggests what was meant, or nothing`(word: String, meant: String?) {
    #expect(NearMiss.of(word, among: ["status", "metrics", "show", "backtest"]) == meant)
  }

  @Test func `does not choose between completions`() {
    #expect(NearMiss.of("back", among: ["backtest", "backwards"]) == nil)
  }
}
