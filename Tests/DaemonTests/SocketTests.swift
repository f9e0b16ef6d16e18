import Config
import Control
import Daemon
import Glibc
import Inputs
import Series
import Support
import Synchronization
import Testing

/// The socket input in the daemon: woken by datagrams, preserved across reloads and restarts.
@Suite struct SocketTests {
  private let stage = Stage()
  private var path: String { stage.file("metrics.sock") }

  private func watch(_ adjust: (inout SocketSection) -> Void = { _ in }) {
    var socket = SocketSection()
    socket.path = path
    socket.flushInterval = .seconds(1)
    adjust(&socket)
    stage.settings.inputs = [Settings.Component(name: "table", section: socket)]
  }

  @Test func `datagrams wake the daemon`() throws {
    watch()
    let program = SendingProgram(path)
    program.say(20)
    try stage.run(until: 20)
    #expect(program.failures == 0)
    #expect(stage.status?.inputs.map(\.type) == ["socket"])
    #expect(stage.status?.inputs.map(\.samples) == [20])
    // Polled by the clock alone, most would have the same time.
    let moments = try #require(stage.detail).history.map { "\($0.timestamp)" }
    #expect(Set(moments).count > 10)
  }

  @Test func `a connection outlives a reload`() throws {
    watch()
    let program = SendingProgram(path)
    program.say(5)
    try stage.run(until: 5) { agent in
      watch { $0.idleGauges = .hold }
      agent.reload()
      program.say(5)
      return 10
    }
    #expect(program.failures == 0)
    #expect(stage.status?.configuration.lastReload?.succeeded == true)
    #expect(stage.status?.inputs.map(\.samples) == [5])
    #expect(stage.detail?.metric.samples == 10)
    #expect(access(path, F_OK) != 0, "its file goes with the daemon")
  }

  @Test func `a counter whose sender is gone is 0 after a restart, too`() throws {
    watch()
    let program = SendingProgram(path, line: "wave:7|c")
    program.say(1)
    try stage.run(until: 1)
    try stage.run(until: 2)
    #expect(stage.detail?.metric.samples == 3)
    #expect(stage.detail?.history.map(\.value).suffix(2) == [0, 0])
  }
}

/// Connects to a socket as soon as it exists, and sends lines through that one connection, on a
/// thread of its own.
private final class SendingProgram: Sendable {
  private let lines: Lines
  private let thread: TestThread

  private final class Lines: Sendable {
    let isOver = Latch()
    let allowed = Atomic(0)
    let failed = Atomic(0)
  }

  init(_ path: String, line: String = "wave value=1") {
    let lines = Lines()
    self.lines = lines
    thread = TestThread {
      let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
      defer { close(descriptor) }
      eventually { lines.isOver.isOpen || SendingProgram.connect(descriptor, to: path) }
      var sent = 0
      // Apart in time: lines that arrive together wake the daemon once.
      while !lines.isOver.wait(.milliseconds(3)) {
        guard sent < lines.allowed.load(ordering: .relaxed) else { continue }
        sent += 1
        if send(descriptor, line, line.utf8.count, Int32(MSG_NOSIGNAL)) < 0 {
          lines.failed.add(1, ordering: .relaxed)
        }
      }
    }
  }

  deinit {
    lines.isOver.open()
    thread.join()
  }

  /// Sends this many more lines.
  func say(_ count: Int) { lines.allowed.add(count, ordering: .relaxed) }

  /// Lines that nobody received.
  var failures: Int { lines.failed.load(ordering: .relaxed) }

  private static func connect(_ descriptor: Int32, to path: String) -> Bool {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    return withUnsafePointer(to: &address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
  }
}
