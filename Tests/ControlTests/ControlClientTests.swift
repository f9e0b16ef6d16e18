import Control
import ControlSupport
import Glibc
import Monitor
import Support
import Testing

@Suite struct ControlClientTests {
  let folder = Folder()

  @Test func `returns the daemon's reply`() throws {
    let server = ServerThread(folder.socket)
    let handler = SampleHandler()
    let client = try ControlClient(path: folder.socket)
    #expect(try client.status() == handler.status())
    #expect(try client.showMetric("m4") == handler.showMetric("m4"))
    #expect(try client.showMetric("m2") == handler.showMetric("m2"))
    let text = try client.description(of: "io.anomalyd")
    #expect(text == InterfaceDescription.text(of: "io.anomalyd"))
    withExtendedLifetime(server) {}
  }

  @Test func `does not query a daemon of an untrusted user`() throws {
    let server = ServerThread(folder.socket)
    let own = geteuid()
    _ = try ControlClient(path: folder.socket, trusted: [own]).status()
    #expect(throws: ControlClientError.stranger(path: folder.socket, user: own)) {
      try ControlClient(path: folder.socket, trusted: [own + 1])
    }
    withExtendedLifetime(server) {}
  }

  @Test func `learns why it is rejected`() throws {
    var limits = ControlLimits()
    limits.clients = 1
    let server = ServerThread(folder.socket, limits: limits)
    let first = try ControlClient(path: folder.socket)
    _ = try first.status()
    let expected = ControlError.tooManyClients("1 clients are connected, the maximum")
    #expect(throws: ControlClientError.refused(expected)) {
      try ControlClient(path: folder.socket).status()
    }
    withExtendedLifetime((server, first)) {}
  }

  @Test func `collects a list from several replies`() throws {
    var handler = SampleHandler()
    handler.count = 750
    let server = ServerThread(folder.socket, handler)
    let client = try ControlClient(path: folder.socket)
    var pieces: [Int] = []
    var names: [String] = []
    try client.listMetrics(MetricListRequest(state: .anomalous)) {
      pieces.append($0.count)
      names += $0.map(\.name)
    }
    #expect(pieces == [200, 50])
    #expect(names == (0..<250).map { "m\($0 * 3 + 2)" })
    withExtendedLifetime(server) {}
  }

  @Test func `follows a stream until the caller stops, or it ends, or fails`() throws {
    let handler = SampleHandler()
    let server = ServerThread(folder.socket, handler)
    let client = try ControlClient(path: folder.socket)
    handler.source.push((0..<10).map { SampleSource.reply(Double($0)) }, ends: true)
    var values: [Double?] = []
    try client.tap(nil) {
      values += $0.samples.map(\.value)
      return true
    }
    #expect(values == (0..<10).map(Double.init))
    handler.source.push((0..<10).map { SampleSource.reply(Double($0)) })
    try client.tap("m1") { $0.samples.first?.value != 5 }
    handler.source.fail(.noSuchMetric("x"))
    let second = try ControlClient(path: folder.socket)
    #expect(throws: ControlClientError.refused(.noSuchMetric("x"))) {
      try second.tap(nil) { _ in true }
    }
    withExtendedLifetime(server) {}
  }

  @Test(arguments: [true, false])
  func `is interrupted while it follows a stream`(isSilent: Bool) throws {
    let handler = SampleHandler()
    let server = ServerThread(folder.socket, handler)
    let client = try ControlClient(path: folder.socket)
    let pipe = Pipe()
    if isSilent {
      pipe.write()
    } else {
      handler.source.push((0..<100_000).map { SampleSource.reply(Double($0)) })
    }
    var seen = 0
    try client.tap(nil, until: [Interruption(pipe.reading, whenReadable: true)]) { _ in
      seen += 1
      if seen == 3 { pipe.write() }
      return true
    }
    #expect(seen == (isSilent ? 0 : 3))
    withExtendedLifetime(server) {}
  }

  @Test func `is interrupted by a signal, which has no other effect`() throws {
    let server = ServerThread(folder.socket)
    let client = try ControlClient(path: folder.socket)
    let signals = try #require(SignalInterruption([SIGUSR2]))
    pthread_kill(pthread_self(), SIGUSR2)
    try client.tap(nil, until: [signals.interruption]) { _ in true }
    withExtendedLifetime((server, signals)) {}
  }

  @Test func `is interrupted when the reader of its output goes away`() throws {
    let server = ServerThread(folder.socket)
    let client = try ControlClient(path: folder.socket)
    let pipe = Pipe()
    pipe.closeReading()
    try client.tap(nil, until: [Interruption(pipe.writing, whenReadable: false)]) { _ in true }
    withExtendedLifetime(server) {}
  }

  @Test func `distinguishes an error from a broken connection and continues after it`() throws {
    let server = ServerThread(folder.socket)
    let client = try ControlClient(path: folder.socket)
    #expect(throws: ControlClientError.refused(.noSuchMetric("x"))) { try client.showMetric("x") }
    #expect(throws: ControlClientError.refused(.invalidParameter("pattern"))) {
      try client.listMetrics(MetricListRequest(pattern: "[")) { _ in }
    }
    #expect(try client.status().pid == 42)
    withExtendedLifetime(server) {}
  }

  @Test func `reports that there is no listener`() {
    let path = folder.path + "/none"
    #expect(throws: ControlClientError.notRunning(path: path)) { try ControlClient(path: path) }
  }

  @Test func `gives up on a daemon that does not answer`() throws {
    let listener = RawListener(folder.socket)
    let client = try ControlClient(path: folder.socket, timeout: .milliseconds(50))
    #expect(throws: ControlClientError.timedOut(path: folder.socket, seconds: 0.05)) {
      try client.status()
    }
    withExtendedLifetime(listener) {}
  }

  @Test(arguments: [
    ("", ControlClientError.closed(path: "the socket")),
    ("{}\0", .malformedReply(reason: "'parameters' is missing")),
    ("nonsense\0", .malformedReply(reason: "it is not a JSON object")),
    (
      #"{"parameters":{"version":1}}"# + "\0",
      .malformedReply(reason: "'parameters.version' has the wrong type")
    ),
    (
      #"{"error":"com.example.New","parameters":{"n":1}}"# + "\0",
      .refused(.unknown("com.example.New"))
    ),
  ])
  func `reports a malformed answer`(answer: String, error: ControlClientError) throws {
    let listener = RawListener(folder.socket)
    let client = try ControlClient(path: folder.socket)
    listener.answerAndClose(answer)
    let expected = answer.isEmpty ? .closed(path: folder.socket) : error
    #expect(throws: expected) { try client.status() }
  }

  @Test(
    .enabled(if: Needs.pythonPackages.isMet, "\(Needs.pythonPackages)"))
  func `interoperates with an independent client`() throws {
    var handler = SampleHandler()
    handler.count = 1050
    let server = ServerThread(folder.socket, handler)
    let (output, code) = VarlinkPackage.run(folder)
    #expect(code == 0)
    #expect(
      output == """
        anomalyd 0.1.0 org.varlink.service io.anomalyd
        no such file None 42
        [200, 200, 200, 200, 200, 50] m0 m1049
        200 anomalous
        12.5 jump 4.5
        io.anomalyd.NoSuchMetric nope
        org.varlink.service.ExpectedMore

        """)
    withExtendedLifetime(server) {}
  }
}

/// A socket with a foreign listener.
final class RawListener {
  private let descriptor: Int32

  init(_ path: String) {
    descriptor = bindSocket(path)
    listen(descriptor, 4)
  }

  /// Accepts the waiting client, sends it something, and hangs up.
  func answerAndClose(_ text: String) {
    let client = accept(descriptor, nil, nil)
    let bytes = Array(text.utf8)
    send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    shutdown(client, Int32(SHUT_WR))
    // Kept open for reading, so that the call itself goes through.
    clients.append(client)
  }

  private var clients: [Int32] = []

  deinit {
    for client in clients { close(client) }
    close(descriptor)
  }
}

/// The client of the Python package `varlink`.
enum VarlinkPackage {
  private static let script = """
    import sys
    import varlink
    address = "unix:" + sys.argv[1]
    with varlink.Client.new_with_address(address) as client:
        with client.open("org.varlink.service") as service:
            info = service.GetInfo()
            print(info["product"], info["version"], *info["interfaces"])
        with client.open("io.anomalyd") as daemon:
            status = daemon.Status()
            host, furnace = status["inputs"]
            print(furnace["lastError"], host.get("lastError"), status["pid"])
            replies = [r["metrics"] for r in daemon.ListMetrics(_more=True)]
            print([len(r) for r in replies], replies[0][0]["name"], replies[-1][-1]["name"])
            anomalous = list(daemon.ListMetrics(None, "anomalous", _more=True))[0]["metrics"]
            print(len(anomalous), anomalous[0]["state"])
            detail = daemon.ShowMetric("m2")
            evidence = detail["evidence"][0]
            print(detail["metric"]["value"], evidence["kind"], evidence["decades"])
            for call in [lambda: daemon.ShowMetric("nope"), lambda: daemon.ListMetrics()]:
                try:
                    call()
                except varlink.VarlinkError as error:
                    print(error.error(), *(error.parameters() or {}).values())
    """

  /// Runs the script against the socket in a folder.
  /// - Returns: what it printed, and its exit status.
  static func run(_ folder: Folder) -> (output: String, code: Int32) {
    let path = folder.path + "/client.py"
    guard let file = fopen(path, "w") else { return ("cannot write \\(path)", -1) }
    fputs(script, file)
    fclose(file)
    defer { unlink(path) }
    guard let pipe = popen("'\(Needs.python)' '\(path)' '\(folder.socket)' 2>&1", "r") else {
      return ("cannot run \(Needs.python)", -1)
    }
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while case let count = fread(&chunk, 1, chunk.count, pipe), count > 0 {
      output += chunk[..<count]
    }
    return (String(decoding: output, as: UTF8.self), pclose(pipe))
  }
}

/// Both ends of a pipe.
private final class Pipe {
  private(set) var reading: Int32 = -1
  let writing: Int32

  init() {
    var ends: [Int32] = [-1, -1]
    pipe(&ends)
    (reading, writing) = (ends[0], ends[1])
  }

  deinit {
    closeReading()
    close(writing)
  }

  func write() { _ = Glibc.write(writing, "x", 1) }

  func closeReading() {
    if reading >= 0 { close(reading) }
    reading = -1
  }
}
