import Inputs
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

  @Test(arguments: [
    (SerialSection.Format.keyValue, "t=1 note=x\n", "tt=1\n"),
    (.json, #"{"t":1,"note":"x"}"# + "\n", #"{"tt":1}"# + "\n"),
  ])
  func `a name that is not configured counts when it has come three times`(
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
