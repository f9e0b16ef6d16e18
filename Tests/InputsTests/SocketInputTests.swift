import AllocationCounter
import Glibc
import Inputs
import Series
import Support
import Testing

@Suite struct SocketInputTests {
  // MARK: Intervals

  @Test func `intervals end at whole multiples of their length`() {
    let bench = SocketBench { $0.flushInterval = .seconds(60) }
    // 22:13:20: the rest of the first minute is more than half of one.
    bench.receive("n:80|c")
    bench.endInterval()
    bench.receive("n:60|c")
    bench.endInterval()
    #expect(bench.values("n") == ["2.0", "1.0"])
    #expect(
      bench.sink.samples(of: "n").map(\.timestamp.iso8601) == [
        "2023-11-14T22:14:00.000Z", "2023-11-14T22:15:00.000Z",
      ])
  }

  @Test func `a short first interval is joined with the next`() {
    let bench = SocketBench { $0.flushInterval = .seconds(3_600) }
    bench.poll(after: .seconds(2_400))
    bench.restart(takingOver: true)
    bench.poll(after: .zero)
    bench.receive("n:4000|c")
    bench.endInterval()
    #expect(bench.values("n") == [])
    bench.endInterval()
    #expect(bench.values("n") == ["1.0"])
  }

  @Test func `an idle counter is 0, an idle gauge is absent, and both are where asked to be held`()
  {
    for idle in [SocketConfiguration.IdleGauges.absent, .hold] {
      let bench = SocketBench { $0.idleGauges = idle }
      bench.receive("c:10|c\ng:5|g\ns:x|s\nf v=3")
      for _ in 0..<3 { bench.endInterval() }
      #expect(bench.values("c") == ["1.0", "0.0", "0.0"])
      #expect(bench.values("s") == ["1.0", "0.0", "0.0"])
      #expect(bench.values("g") == (idle == .hold ? ["5.0", "5.0", "5.0"] : ["5.0"]))
      #expect(bench.values("f.v") == ["3.0"])
    }
  }

  @Test func `a gauge that is absent keeps the state to which changes are added`() {
    let bench = SocketBench()
    bench.receive("g:5|g")
    for _ in 0..<3 { bench.endInterval() }
    bench.receive("g:+2|g")
    bench.endInterval()
    #expect(bench.values("g") == ["5.0", "7.0"])
  }

  @Test func `a metric that is away for long gives its place to others`() {
    let bench = SocketBench {
      $0.forgetAfter = .seconds(60)
      $0.metricsPerSender = 5
    }
    bench.receive("t:1|ms\na:1|c\nb:1|c")
    #expect(bench.health.dropped == 1)
    bench.endInterval()
    for _ in 0..<6 {
      bench.receive("a:1|c")
      bench.endInterval()
    }
    bench.receive("u:1|ms")
    bench.endInterval()
    #expect(bench.values("u.mean") == ["1.0"])
    #expect(bench.values("a").count == 8)
    #expect(bench.health.dropped == 1)
    // Its own name is free again, too.
    for _ in 0..<7 { bench.endInterval() }
    bench.receive("t.p95:7|g")
    bench.endInterval()
    #expect(bench.values("t.p95").last == "7.0")
  }

  @Test func `a clock that is set back or forward costs nothing but rates of that interval`() {
    let bench = SocketBench()
    bench.receive("n:10|c")
    bench.endInterval()
    bench.poll(after: .seconds(-7_200))
    bench.receive("n:10|c")
    bench.endInterval()
    bench.endInterval()
    #expect(bench.values("n") == ["1.0", "1.0", "0.0"])
    bench.receive("n:7200|c")
    bench.poll(after: .seconds(7_200))
    #expect(bench.values("n").last == "1.0")
  }

  // MARK: Limits

  @Test func `a sender that is too fast loses the rest, and no other one does`() {
    let bench = SocketBench { $0.datagramsPerSecond = 10 }
    for _ in 0..<100 { bench.receive("n:1|c") }
    #expect(bench.health.dropped == 90)
    bench.receive("n:1|c", after: .milliseconds(100))
    bench.receive("n:1|c", after: .zero)
    #expect(bench.health.dropped == 91)
    bench.endInterval()
    #expect(bench.values("n") == ["1.1"])
    #expect(bench.warnings.count == 1)
    #expect(
      bench.warnings.first?.contains(
        "expected at most 10 datagrams a second (DatagramsPerSecond=), found more") == true)
  }

  @Test(.enabled(if: geteuid() == 0, "needs the right to be another user"))
  func `every user has limits of its own`() {
    let bench = SocketBench {
      $0.datagramsPerSecond = 10
      $0.metricsPerSender = 2
    }
    chmod(bench.directory.path, 0o755)
    for index in 0..<20 { bench.receive("a\(index):1|g") }
    #expect(sendAs(user: 12_345, "b0:1|g\nb1:1|g\nb2:1|g", to: bench.path))
    bench.poll(after: .zero)
    bench.endInterval()
    #expect(bench.all.map { $0.prefix(2) } == ["a0", "a1", "b0", "b1"])
    #expect(bench.warnings.count == 3)
    #expect(bench.warnings.last?.contains("of user 12345: expected at most 2 metrics") == true)
    // Eight of ten names, ten datagrams, one name.
    #expect(bench.health.dropped == 19)
  }

  @Test(.enabled(if: geteuid() == 0, "needs the right to be another user"))
  func `a crowd of users shares what is left and takes nothing from those before it`() {
    let bench = SocketBench {
      $0.datagramsPerSecond = 1_000
      $0.metricsPerSender = 3
    }
    chmod(bench.directory.path, 0o755)
    bench.receive("mine:1|g")
    for user in 0..<70 {
      #expect(sendAs(user: 20_000 + UInt32(user), "u\(user):1|g", to: bench.path))
      bench.poll(after: .zero)
    }
    bench.receive("mine:2|g\nours:3|g")
    bench.endInterval()
    #expect(bench.values("mine") == ["2.0"])
    #expect(bench.values("ours") == ["3.0"])
    // This user, 63 with an account, and three metrics of the shared one.
    #expect(bench.sink.names.count == 2 + 63 + 3)
    #expect(bench.health.dropped == 4)
  }

  @Test func `too many metrics of one sender, and of all`() {
    let bench = SocketBench { $0.metricsPerSender = 5 }
    bench.receive("t:1|ms\na:1|g\nb:1|g\nc v=1,w=2")
    bench.endInterval()
    #expect(bench.sink.names == ["t.rate", "t.mean", "t.p95", "t.max", "a"])
    #expect(bench.health.dropped == 3)
    #expect(bench.warnings.count == 1)
    #expect(bench.warnings.first?.contains("at most 5 metrics (MetricsPerSender=)") == true)

    let full = SocketBench { $0.maximumMetrics = 1 }
    full.receive("a:1|g\nb:1|g\nc:1|g")
    full.endInterval()
    #expect(full.sink.names == ["a"])
    #expect(full.health.dropped == 2)
    #expect(full.warnings.count == 1)
    #expect(full.warnings.first?.contains("(MaximumMetrics=), found another") == true)
  }

  @Test func `a datagram that is too long is dropped whole`() {
    let bench = SocketBench { $0.datagramBytes = 512 }
    let line = "n:1|c\n"
    bench.receive(String(repeating: line, count: 85))
    bench.receive(String(repeating: line, count: 86))
    bench.endInterval()
    #expect(bench.values("n") == ["8.5"])
    #expect(bench.health.dropped == 1)
    #expect(bench.warnings.first?.contains("at most 512 bytes (MaximumDatagramBytes=)") == true)
  }

  @Test func `a limit is told again after a quiet period, with what was lost meanwhile`() {
    let bench = SocketBench {
      $0.datagramsPerSecond = 1
      $0.quietPeriod = .seconds(60)
    }
    for _ in 0..<5 { bench.receive("n:1|c") }
    bench.poll(after: .seconds(61))
    for _ in 0..<2 { bench.receive("n:1|c") }
    #expect(bench.warnings.count == 2)
    #expect(
      bench.warnings.last?.hasSuffix(
        "dropping what is beyond, and 3 others since this was told last") == true)
  }

  @Test func `counts the samples that a full table of metrics refuses until there is room`() {
    let bench = SocketBench(sink: CSVSink(capacity: 1))
    bench.receive("a:1|g\nb:1|g")
    bench.endInterval()
    #expect(bench.all == ["a:1.0"])
    #expect(bench.health.refused == 1)
  }

  @Test func `one poll takes so much and no more`() {
    let bench = SocketBench { $0.datagramsPerSecond = 1_000_000 }
    let text = String(repeating: "n:1|c\n", count: 1_300)
    var sent = 0
    while sent < 100, bench.send(text) { sent += 1 }
    // The kernel queues some ten datagrams, more where it is told to.
    #expect(sent > 8)
    #expect(bench.input.poll(now: bench.now, into: bench.sink) == .moreReady)
    bench.poll(after: .zero)
    bench.endInterval()
    #expect(bench.values("n") == ["\(Double(sent * 130))"])
  }

  // MARK: The socket

  @Test func `the socket's file has its mode, and goes with the input`() {
    let directory = Scratch()
    let path = directory.file("deep/metrics.sock")
    for mode: UInt32 in [0o666, 0o620] {
      var configuration = SocketConfiguration(name: "x", path: path)
      configuration.mode = mode
      let input = SocketInput(configuration: configuration)
      #expect(input.poll(now: Timestamp(seconds: 1), into: CSVSink()) == .drained)
      var facts = stat()
      #expect(stat(path, &facts) == 0)
      #expect(facts.st_mode & 0o7777 == mode)
      #expect(input.readiness != nil)
    }
    #expect(access(path, F_OK) != 0)
  }

  @Test func `a group that does not exist is told`() {
    let bench = SocketBench { $0.group = "no-such-group" }
    #expect(
      bench.warnings == [
        "\(bench.path): there is no group no-such-group (SocketGroup=), trying again until it opens"
      ])
    #expect(access(bench.path, F_OK) != 0)
    #expect(bench.health.lastErrorAt == bench.now)
  }

  @Test func `replaces the socket of a daemon that is gone`() {
    let directory = Scratch()
    let bench = SocketBench { configuration in
      configuration.path = directory.file("metrics.sock")
      leaveStaleSocket(at: configuration.path)
    }
    bench.receive("a:1|g")
    bench.endInterval()
    #expect(bench.values("a") == ["1.0"])
    #expect(bench.notices.isEmpty)
  }

  @Test func `leaves alone what is no socket, and where somebody listens, until they are gone`() {
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

  @Test func `makes a socket anew whose file was removed`() {
    let bench = SocketBench()
    bench.receive("a:1|g")
    let before = bench.input.readiness
    unlink(bench.path)
    bench.poll()
    bench.receive("a:2|g")
    bench.endInterval()
    #expect(bench.values("a") == ["2.0"])
    #expect(bench.input.readiness != before)
    #expect(bench.infos == ["\(bench.path): the socket's file was removed, made it anew"])
  }

  @Test func `does not remove the socket of another that came after it`() {
    let bench = SocketBench()
    unlink(bench.path)
    let other = SocketBench { $0.path = bench.path }
    bench.poll()
    #expect(bench.warnings.last?.contains("listening on for those connected") == true)
    bench.restart(takingOver: false)
    other.receive("a:1|g")
    other.endInterval()
    #expect(other.values("a") == ["1.0"])
  }

  // MARK: Restart and reload

  @Test func `what is known survives a restart`() {
    let bench = SocketBench()
    bench.receive("c:1|c\ng:5|g\nt:3|ms\ns:x|s\nf v=1 1699999999")
    bench.endInterval()
    let position = bench.input.encodePosition()
    bench.restart(takingOver: false)
    #expect(bench.input.encodePosition() == position)
    bench.poll(after: .zero)
    bench.receive("g:+1|g\nf v=2 1699999998")
    bench.endInterval()
    #expect(bench.values("c") == ["0.1", "0.0"])
    #expect(bench.values("g") == ["5.0", "6.0"])
    #expect(bench.values("t.rate") == ["0.1", "0.0"])
    #expect(bench.values("f.v") == ["1.0"])
    bench.receive("t.max:1|c")
    #expect(bench.warnings.last?.contains("expected a metric of a timer") == true)
  }

  @Test func `a connected sender notices nothing of a reload`() {
    let bench = SocketBench()
    bench.receive("c:1|c")
    let descriptor = bench.input.readiness?.descriptor
    #expect(bench.send("c:9|c"))
    bench.restart(takingOver: true) { $0.idleGauges = .hold }
    #expect(bench.input.readiness?.descriptor == descriptor)
    bench.poll(after: .zero)
    bench.receive("c:1|c")
    bench.endInterval()
    // What came before the reload in its interval is lost, what waited is not.
    #expect(bench.values("c") == ["1.0"])
  }

  @Test func `names of another prefix are not gone on with`() {
    let bench = SocketBench()
    bench.receive("c:1|c")
    bench.restart(takingOver: true) { $0.prefix = "new" }
    bench.receive("d:1|c")
    bench.endInterval()
    #expect(bench.sink.names == ["new.d"])
  }

  @Test(arguments: [[], [2], [1, 9], Array(repeating: UInt8(1), count: 40)])
  func `a stored list that cannot be read is told and forgotten`(position: [UInt8]) {
    let input = SocketInput(configuration: SocketConfiguration(name: "x", path: "/nowhere/x"))
    input.restorePosition(position)
    #expect(input.drainNotices().map(\.text).first?.contains("cannot be read") == true)
  }

  @Test func `a metric is asked for only when it has something to tell`() {
    let bench = SocketBench()
    bench.receive("g:5|g\nf v=1")
    #expect(bench.sink.names == ["f.v"])
    bench.endInterval()
    #expect(bench.sink.names == ["f.v", "g"])
    let empty = CSVSink()
    _ = bench.input.poll(now: bench.now.advanced(by: .seconds(10)), into: empty)
    #expect(empty.names.isEmpty)
  }

  // MARK: Cost

  @Test(.enabled(if: !_isDebugAssertConfiguration(), "unoptimised code boxes what it need not"))
  func `known metrics are taken and told without allocation`() throws {
    try #require(allocation_counter_is_active(), "a sanitizer counts in its stead")
    let bench = SocketBench { $0.datagramsPerSecond = 1_000_000 }
    let lines = """
      hits:1|c|@0.5|#b:2,a:1
      depth:+3|g
      wait:12:13:14|ms
      users:anna|s
      cpu,host=a\\ b,core=1 usage=12.5,idle=3i,text="x",up=true 1699999999
      """
    for _ in 0..<3 {
      bench.receive(lines)
      bench.endInterval()
    }
    let sink = CountingSink()
    var now = bench.now
    _ = bench.input.poll(now: now, into: sink)
    for round in 0..<20 {
      #expect(bench.send(lines))
      let before = allocation_counter_current()
      _ = bench.input.poll(now: now, into: sink)
      now = now.advanced(by: .seconds(10))
      _ = bench.input.poll(now: now, into: sink)
      let count = allocation_counter_current() - before
      #expect(round < 2 || count == 0, "\(count) allocations in round \(round)")
    }
    #expect(sink.samples >= 20 * 10)
  }
}

/// Leaves a socket's file behind as a daemon does that was killed.
private func leaveStaleSocket(at path: String) {
  let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
  let bound = withUnsafePointer(to: &address) { address in
    address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
  precondition(bound == 0, "cannot bind \(path)")
  close(descriptor)
}

/// Sends a datagram in the name of another user, which root may (SCM_CREDENTIALS of unix(7)).
private func sendAs(user: UInt32, _ text: String, to path: String) -> Bool {
  let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
  defer { close(descriptor) }
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
  let connected = withUnsafePointer(to: &address) { address in
    address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
  guard connected == 0 else { return false }
  // struct cmsghdr and struct ucred, as the kernel has them.
  var control: [UInt8] = []
  func add(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value) { control.append(contentsOf: $0) }
  }
  add(UInt(28))
  add(SOL_SOCKET)
  add(Int32(2))
  add(getpid())
  add(user)
  add(user)
  add(UInt32(0))
  var bytes = Array(text.utf8)
  return bytes.withUnsafeMutableBytes { bytes in
    control.withUnsafeMutableBytes { control in
      var part = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
      return withUnsafeMutablePointer(to: &part) { part in
        var message = msghdr()
        message.msg_iov = part
        message.msg_iovlen = 1
        message.msg_control = control.baseAddress
        message.msg_controllen = control.count
        return sendmsg(descriptor, &message, 0) == bytes.count
      }
    }
  }
}
