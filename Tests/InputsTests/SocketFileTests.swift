import Glibc
import Inputs
import Series
import Support
import Testing

/// The socket's file: who creates and removes it.
@Suite struct SocketFileTests {
  @Test func `the socket's file has its mode, and is removed with the input`() {
    let directory = Scratch()
    let path = directory.file("deep/metrics.sock")
    for mode: UInt32 in [0o666, 0o620] {
      var configuration = SocketSection()
      configuration.path = path
      configuration.mode = mode
      let input = SocketInput(name: "app", configuration: configuration)
      #expect(input.poll(now: Timestamp(seconds: 1), into: CSVSink()) == .drained)
      var facts = stat()
      #expect(stat(path, &facts) == 0)
      #expect(facts.st_mode & 0o7777 == mode)
      #expect(input.readiness != nil)
    }
    #expect(access(path, F_OK) != 0)
  }

  @Test func `a group that does not exist is reported`() {
    let bench = SocketBench { $0.group = "no-such-group" }
    #expect(
      bench.warnings == [
        "\(bench.path): there is no group no-such-group (SocketGroup=), retrying until it opens"
      ])
    #expect(access(bench.path, F_OK) != 0)
    #expect(bench.health.lastErrorAt == bench.now)
  }

  @Test func `replaces the socket of a daemon that is gone`() {
    let directory = Scratch()
    let bench = SocketBench { configuration in
      configuration.path = directory.file("metrics.sock")
      _ = UnixDatagrams(at: configuration.path)
    }
    bench.receive("a:1|g")
    bench.endInterval()
    #expect(bench.values("a") == ["1.0"])
    #expect(bench.notices.isEmpty)
  }

  @Test func `does not replace a file or a socket in use until it is gone`() {
    let directory = Scratch()
    let path = directory.file("metrics.sock")
    let file = open(path, O_CREAT | O_WRONLY, 0o600)
    close(file)
    let bench = SocketBench { $0.path = path }
    #expect(bench.warnings.first?.contains("expected nothing or an old socket") == true)
    #expect(bench.input.readiness == nil)
    unlink(path)
    bench.poll()
    #expect(bench.input.readiness != nil)

    let second = SocketBench { $0.path = path }
    #expect(second.warnings.first?.contains("another program listens there already") == true)
    bench.receive("a:1|g")
    bench.endInterval()
    #expect(bench.values("a") == ["1.0"])
  }

  @Test func `recreates a socket whose file was removed`() {
    let bench = SocketBench()
    bench.receive("a:1|g")
    let before = bench.input.readiness
    unlink(bench.path)
    bench.poll()
    bench.receive("a:2|g")
    bench.endInterval()
    #expect(bench.values("a") == ["2.0"])
    #expect(bench.input.readiness != before)
    #expect(bench.infos == ["\(bench.path): the socket's file was removed, recreated it"])
  }

  @Test func `does not remove the socket of a successor`() {
    let bench = SocketBench()
    unlink(bench.path)
    let other = SocketBench { $0.path = bench.path }
    bench.poll()
    #expect(bench.warnings.last?.contains("those connected are still served") == true)
    bench.restart(takingOver: false)
    other.receive("a:1|g")
    other.endInterval()
    #expect(other.values("a") == ["1.0"])
  }

  /// In a process of its own, with its own environment. There all descriptors up to the one in
  /// question are claimed to be passed: the input has to find it among them, by its path.
  @Test func `uses the socket held by the service manager, and leaves it there`() async {
    await #expect(processExitsWith: .success) {
      let directory = Scratch()
      let path = directory.file("held.sock")
      let held = UnixDatagrams(at: path)
      setenv("LISTEN_PID", "\(getpid())", 1)
      setenv("LISTEN_FDS", "\(held.descriptor - 2)", 1)
      let bench = SocketBench { $0.path = path }
      bench.restart(takingOver: false)
      bench.poll(after: .zero)
      #expect(bench.input.readiness?.descriptor != held.descriptor, "one of its own")
      bench.receive("a:1|g")
      bench.endInterval()
      #expect(bench.values("a") == ["1.0"])
      #expect(bench.notices.isEmpty, "\(bench.notices)")
      // Another path does not belong to the service manager.
      bench.restart(takingOver: false) { $0.path = directory.file("other.sock") }
      bench.poll(after: .zero)
      bench.receive("b:1|g")
      bench.endInterval()
      #expect(bench.values("b") == ["1.0"])
      // Datagrams sent without a listener wait for the next one.
      #expect(access(path, F_OK) == 0)
      #expect(UnixDatagrams().send(Array("a:2|g".utf8), to: path))
      #expect(held.receive() == "a:2|g")
    }
  }
}
