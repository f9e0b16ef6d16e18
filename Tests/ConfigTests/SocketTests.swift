import Config
import Inputs
import Testing

@Suite struct SocketTests {
  @Test func `reads every key`() throws {
    let settings = try Scratch.load(
      """
      [Input app]
      Type=socket
      Path=/run/app.sock
      SocketMode=0660
      SocketGroup=www-data
      FlushInterval=5s
      IdleGauges=hold
      SignedGauges=value
      Tags=env
      Tags=zone "a b"
      TimestampPrecision=ms
      ForgetAfter=infinity
      DatagramsPerSecond=100
      MaximumDatagramBytes=1K
      MetricsPerSender=20
      MaximumMetrics=50
      Prefix=""
      """
    )
    var expected = SocketSection()
    expected.path = "/run/app.sock"
    expected.mode = 0o660
    expected.group = "www-data"
    expected.flushInterval = .seconds(5)
    expected.idleGauges = .hold
    expected.signedGauges = .value
    expected.tags = .chosen(["env", "zone", "a b"])
    expected.precision = .milliseconds
    expected.forgetAfter = nil
    expected.datagramsPerSecond = 100
    expected.datagramBytes = 1_024
    expected.metricsPerSender = 20
    expected.maximumMetrics = 50
    expected.prefix = ""
    #expect(settings.inputs == [.init(name: "app", section: expected)])
    let again = try Scratch.load(settings.describe())
    #expect(again.inputs == settings.inputs)
  }

  @Test(
    arguments: [
      ("Tags=none", .chosen([])), ("Tags=all", .all), ("Tags=a\nTags=none", .chosen(["a"])),
      ("Tags=a\nTags=", .all), ("", .all),
    ] as [(String, SocketSection.Tags)])
  func `chooses tags`(text: String, tags: SocketSection.Tags) throws {
    let settings = try Scratch.load("[Input s]\nType=socket\n" + text)
    let socket = try #require(settings.inputs[0].section as? SocketSection)
    #expect(socket.tags == tags)
  }

  @Test(arguments: [
    "SocketMode=999", "SocketMode=7777", "SocketMode=66", "SocketGroup=a b", "SocketGroup=0x",
    "FlushInterval=100ms", "Tags=all a", "TimestampPrecision=min", "DatagramsPerSecond=0",
    "MaximumDatagramBytes=1M", "Path=relative", "ForgetAfter=1s",
  ])
  func `refuses invalid values`(line: String) throws {
    let errors = try Scratch.errors("[Input s]\nType=socket\n\(line)\n")
    #expect(errors.map(\.line) == [3])
  }

  @Test(arguments: [("0660", "0660"), ("006", "0006"), ("0", nil)] as [(String, String?)])
  func `a mode reads back`(text: String, described: String?) throws {
    let section = "[Input s]\nType=socket\nSocketMode=\(text)\n"
    guard let described else { return #expect(try Scratch.errors(section).count == 1) }
    #expect(try Scratch.load(section).describe().contains("SocketMode=\(described)\n"))
  }

  @Test func `the socket is in the runtime directory`() throws {
    let scratch = try Scratch(["etc/anomalyd/anomalyd.conf": "[Input s]\nType=socket\n"])
    let settings = try scratch.load(environment: ["RUNTIME_DIRECTORY": "/run/x:/run/y"])
    let socket = try #require(settings.inputs[0].section as? SocketSection)
    #expect(socket.path == "/run/x/metrics.sock")
  }

  @Test func `gives a path one socket`() throws {
    let errors = try Scratch.errors("[Input a]\nType=socket\n[Input b]\nType=socket\n")
    #expect(
      errors.map(\.problem) == [
        .conflict(with: "Input a", reason: "both listen at /run/anomalyd/metrics.sock")
      ])
  }
}
