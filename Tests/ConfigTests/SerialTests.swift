import Config
import FoundationEssentials
import Inputs
import Testing

@Suite struct SerialTests {
  @Test func `reads every key`() throws {
    let settings = try Scratch.load(
      """
      [Input air]
      Type=serial
      Device=/dev/ttyUSB0
      Baud=250000
      DataBits=7
      Parity=even
      StopBits=2
      FlowControl=xonxoff
      Framing=gap
      IdleGap=20ms
      Format=keyvalue
      Fields=t h
      Fields=p
      Delimiter=semicolon
      Scale=t:0.1:-40 h:2
      Scale=p:1e-2
      Prefix=lab
      """
    )
    var expected = SerialSection()
    expected.device = "/dev/ttyUSB0"
    expected.line.baud = 250_000
    expected.line.dataBits = 7
    expected.line.parity = .even
    expected.line.stopBits = 2
    expected.line.flowControl = .xonxoff
    expected.framing = .gap
    expected.idleGap = .milliseconds(20)
    expected.format = .keyValue
    expected.fields = ["t", "h", "p"]
    expected.delimiter = 0x3B
    expected.scales = [
      .init(field: "t", factor: 0.1, offset: -40), .init(field: "h", factor: 2),
      .init(field: "p", factor: 0.01),
    ]
    expected.prefix = "lab"
    #expect(settings.inputs == [.init(name: "air", section: expected)])
    let again = try Scratch.load(settings.describe())
    #expect(again.inputs == settings.inputs)
  }

  @Test(arguments: [
    ("Fields=t", "Device"), ("Device=/d", "Fields"), ("Device=/d\nFields=- -", "Fields"),
  ])
  func `requires the device, and names if lines have none`(text: String, key: String) throws {
    let errors = try Scratch.errors("[Input s]\nType=serial\n" + text)
    #expect(errors.map(\.key) == [key])
  }

  @Test func `needs no names if lines have them`() throws {
    _ = try Scratch.load("[Input s]\nType=serial\nDevice=/d\nFormat=json\nScale=t:2\n")
  }

  @Test func `gives a line one reader`() throws {
    let section = "Type=serial\nDevice=/d\nFields=t\n"
    let errors = try Scratch.errors("[Input a]\n\(section)[Input b]\n\(section)")
    #expect(
      errors.map(\.problem) == [.conflict(with: "Input a", reason: "both read /d")])
    #expect(errors.map(\.line) == [7])
  }

  @Test func `the examples are good configurations`() throws {
    let root = #filePath.replacing("Tests/ConfigTests/SerialTests.swift", with: "")
    let examples = root + "etc/examples"
    let names = try FileManager.default.contentsOfDirectory(atPath: examples)
      .filter { $0.hasSuffix(".conf") }
    #expect(names.contains("serial-sensor.conf"))
    for name in names {
      let text = try String(contentsOf: URL(filePath: examples + "/" + name), encoding: .utf8)
      #expect(try Scratch.errors(text) == [], "\(name)")
    }
  }
}
