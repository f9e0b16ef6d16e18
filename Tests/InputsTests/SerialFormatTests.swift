import Inputs
import Series
import Testing

@Suite struct SerialFormatTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var text: String
    var expected: [String]
    var malformed = 0
    var testDescription: String { text.debugDescription }
  }

  @Test(arguments: [
    Case(text: "21.5,40\n", expected: ["air.t:21.5", "air.h:40.0"]),
    Case(text: "21.5,40\r\n22,41\r\n", expected: ["air.t:21.5,22.0", "air.h:40.0,41.0"]),
    Case(text: "21.5,40\r22,41\r", expected: ["air.t:21.5,22.0", "air.h:40.0,41.0"]),
    Case(text: "  21.5 ;\t-4e1\n", expected: ["air.t:21.5", "air.h:-40.0"]),
    Case(text: "21.5\t40\n", expected: ["air.t:21.5", "air.h:40.0"]),
    Case(text: "21.5   40\n", expected: ["air.t:21.5", "air.h:40.0"]),
    Case(text: "21.5|\n", expected: ["air.t:21.5", "air.h:nan"]),
    Case(text: "nan,NA\n", expected: ["air.t:nan", "air.h:nan"]),
    Case(text: "\"21.5\",\"40\"\n", expected: ["air.t:21.5", "air.h:40.0"]),
    Case(text: "20,5;40\n", expected: ["air.t:20.5", "air.h:40.0"]),
    Case(text: "20,5 40,25\n", expected: ["air.t:20.5", "air.h:40.25"]),
    Case(
      text: String(repeating: "21.5 C,40%\n", count: 4) + "21.5 C,41\n21.5 C,4o\n",
      expected: ["air.t:21.5,21.5,21.5", "air.h:40.0,40.0,41.0"], malformed: 3),
    Case(text: "\n\r\n# sensor v2, ready\n1,2\n", expected: ["air.t:1.0", "air.h:2.0"]),
    Case(text: "21.5\n", expected: [], malformed: 1),
    Case(text: "21.5,40,3\n", expected: [], malformed: 1),
    Case(text: "21.5,4o\n", expected: [], malformed: 1),
    Case(text: "21.5.1,40\n", expected: [], malformed: 1),
    Case(text: "\"21.5,40\n", expected: [], malformed: 1),
    Case(text: "21.5,4\u{0}0\n", expected: [], malformed: 1),
    Case(text: "21.5,40°\n", expected: [], malformed: 1),
    Case(text: "21.5,4\n0\n1,2\n", expected: ["air.t:21.5,1.0", "air.h:4.0,2.0"], malformed: 1),
  ])
  func `reads lines of values`(_ given: Case) {
    check(given, SerialBench())
  }

  @Test func `skips unwanted cells`() {
    let bench = SerialBench(fields: ["-", "t", "-"])
    bench.receive("$ENV,21.5,*7F\n")
    #expect(bench.all == ["air.t:21.5"])
  }

  @Test func `uses only the configured delimiter`() {
    let bench = SerialBench { $0.delimiter = 0x23 }
    bench.receive("1#2\n3,4\n")
    #expect(bench.all == ["air.t:1.0", "air.h:2.0"])
    #expect(bench.malformed == 1)
  }

  @Test(arguments: [
    Case(text: "t=21.5 h=40\n", expected: ["air.t:21.5", "air.h:40.0"]),
    Case(text: "h=40,t=21.5\n", expected: ["air.h:40.0", "air.t:21.5"]),
    Case(text: "t=21.5; h=40;\n", expected: ["air.t:21.5", "air.h:40.0"]),
    Case(text: "t=21.5 state=OK\n", expected: ["air.t:21.5"]),
    Case(text: "t= h=1\n", expected: ["air.t:nan", "air.h:1.0"]),
    Case(text: "t: 21.5 h: 40\n", expected: ["air.t:21.5", "air.h:40.0"]),
    Case(text: "t:21.5,h:40\n", expected: ["air.t:21.5", "air.h:40.0"]),
    Case(text: "t = 21.5 ; h = 40\n", expected: ["air.t:21.5", "air.h:40.0"]),
    Case(text: "t: h: 40\n", expected: ["air.t:nan", "air.h:40.0"]),
    Case(text: "t=20,5,h=40,25\n", expected: ["air.t:20.5", "air.h:40.25"]),
    Case(text: "t=20,5;h=-4,5\n", expected: ["air.t:20.5", "air.h:-4.5"]),
    Case(text: "12:30 t=21.5\n", expected: [], malformed: 1),
    Case(
      text: String(repeating: "t: 21.5 \u{B0}C, h: 40 %\n", count: 4) + "t=1K h=1\n",
      expected: ["air.t:21.5,21.5", "air.h:40.0,40.0"], malformed: 3),
    Case(text: "t=21.5 h\n", expected: [], malformed: 1),
    Case(text: "t=21.5C h=40\n", expected: [], malformed: 1),
    Case(text: "t=2t=21.5\n", expected: [], malformed: 1),
    Case(text: "t=2 t=21.5\n", expected: [], malformed: 1),
    Case(text: "=5 t=1\n", expected: [], malformed: 1),
    Case(text: "t\u{e9}=5\n", expected: [], malformed: 1),
    Case(text: "x=5\n", expected: [], malformed: 1),
    Case(text: "hello world\n", expected: [], malformed: 1),
  ])
  func `reads lines of pairs`(_ given: Case) {
    check(given, SerialBench { $0.format = .keyValue })
  }

  @Test(arguments: [
    Case(text: #"{"t":21.5,"h":40}"# + "\n", expected: ["air.t:21.5", "air.h:40.0"]),
    Case(
      text: #" { "h" : -4e1 , "t" : null } "# + "\n", expected: ["air.h:-40.0", "air.t:nan"]),
    Case(text: #"{"id":"a,\"}°","ok":true,"t":1}"# + "\n", expected: ["air.t:1.0"]),
    Case(text: #"{"raw":[1,{"t":9},[]],"o":{},"t":1}"# + "\n", expected: ["air.t:1.0"]),
    Case(text: #"{"t":21.5,"h":4"# + "\n", expected: [], malformed: 1),
    Case(text: #"{"t":21.5,"h":40"# + "\n", expected: [], malformed: 1),
    Case(text: #"{"t":21.5,}"# + "\n", expected: [], malformed: 1),
    Case(text: #"{"t":"21.5"}"# + "\n", expected: [], malformed: 1),
    Case(text: #"{"t":tru}"# + "\n", expected: [], malformed: 1),
    Case(text: #"{"t":1}{"t":2}"# + "\n", expected: [], malformed: 1),
    Case(text: #"{"t":1,"t":2}"# + "\n", expected: [], malformed: 1),
    Case(text: #"{"t\"#, expected: []),
    Case(text: #"{"t\"# + "\n", expected: [], malformed: 1),
    Case(text: "{}\n", expected: [], malformed: 1),
    Case(text: "[1,2]\n", expected: [], malformed: 1),
    Case(
      text: #"{"t":1,"x":"# + String(repeating: "[", count: 60) + "\n", expected: [], malformed: 1),
    Case(
      text: #"{"t":1,"x":"# + String(repeating: "[", count: 60)
        + String(repeating: "]", count: 60) + "}\n",
      expected: [], malformed: 1),
  ])
  func `reads lines of JSON`(_ given: Case) {
    check(given, SerialBench { $0.format = .json })
  }

  @Test func `counts and reports what is left out of a line`() {
    let bench = SerialBench(fields: []) { $0.format = .keyValue }
    for _ in 0..<6 { bench.receive(Array("t=21.5".utf8) + [0xB0, 0x43] + Array(" s=ok\n".utf8)) }
    // A name counts once it has been seen three times, and then its unit.
    #expect(bench.all == ["air.t:21.5,21.5"])
    #expect(bench.malformed == 0)
    #expect(bench.input.health.skipped == 6 + 2)
    #expect(bench.notices.count { $0.text.contains(#"found text, "ok""#) } == 1)
    let json = SerialBench { $0.format = .json }
    json.receive(Array(#"{"t":1,"temp"#.utf8) + [0xE9] + Array("\":5}\n".utf8))
    #expect(json.all == ["air.t:1.0"])
    #expect(json.input.health.skipped == 1)
    #expect(
      json.notices.contains {
        $0.text.contains(#"found a name that no metric can have, "temp\xe9""#)
      })
  }

  @Test(arguments: [
    (SerialSection.Format.keyValue, "t=1 note=x\n", "tt=1\n"),
    (.json, #"{"t":1,"note":"x"}"# + "\n", #"{"tt":1}"# + "\n"),
  ])
  func `an unconfigured name counts once it has been seen three times`(
    format: SerialSection.Format,
    line: String,
    flipped: String
  ) {
    let bench = SerialBench(fields: []) { $0.format = format }
    bench.receive(line + flipped + line)
    #expect(bench.all == [])
    bench.receive(line + flipped + line)
    #expect(bench.all == ["air.t:1.0,1.0"])
    #expect(bench.malformed == 0)
  }

  @Test func `skips names beyond the limit and reports it once`() {
    let bench = SerialBench(fields: []) { $0.format = .keyValue }
    func line(_ range: Range<Int>) -> String {
      range.map { "n\($0)=1" }.joined(separator: " ") + "\n"
    }
    for _ in 0..<4 {
      bench.receive(line(0..<100))
      bench.receive(line(100..<200))
    }
    #expect(bench.sink.names.count == 128)
    #expect(bench.warnings.count == 1)
    #expect(bench.warnings.first?.contains("at most 128 names") == true)
  }

  @Test func `rejects more fields in a frame than the limit`() {
    let bench = SerialBench(fields: []) { $0.format = .keyValue }
    bench.receive((0..<129).map { "n\($0)=1" }.joined(separator: " ") + "\n")
    #expect(bench.malformed == 1)
  }

  @Test func `turns numbers into their units`() {
    let bench = SerialBench {
      $0.scales = [.init(field: "t", factor: 0.1, offset: -40), .init(field: "h", factor: 2)]
    }
    bench.receive("650,20\n,1\n")
    #expect(bench.all == ["air.t:25.0,nan", "air.h:40.0,2.0"])
    #expect(bench.input.health.gaps == 1)
  }

  @Test(arguments: [("lab.1", "lab.1.t"), ("", "t")])
  func `puts the prefix before the names`(prefix: String, name: String) {
    let bench = SerialBench(fields: ["t"]) { $0.prefix = prefix }
    bench.receive("1\n")
    #expect(bench.sink.names == [name])
  }

  @Test(arguments: [SerialSection.Format.csv, .keyValue, .json])
  func `survives any bytes`(format: SerialSection.Format) {
    let bench = SerialBench(fields: format == .csv ? ["a", "b"] : []) { $0.format = format }
    let alphabet = Array("{}[]\":,=.-+eE0123456789abt \\\n\n\r#\u{0}".utf8)
    bench.receive(noise(40_000))
    bench.receive(noise(100_000, seed: 7).map { alphabet[Int($0) % alphabet.count] })
    #expect(bench.malformed > 1_000)
    #expect(bench.sink.names.count <= 128)
  }

  private func check(_ given: Case, _ bench: SerialBench) {
    bench.receive(given.text)
    #expect(bench.all == given.expected)
    #expect(bench.malformed == given.malformed)
    #expect(bench.warnings.count == min(given.malformed, 1))
  }
}
