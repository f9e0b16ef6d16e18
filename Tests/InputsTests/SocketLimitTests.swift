import Glibc
import Inputs
import Series
import Support
import Testing

@Suite struct SocketLimitTests {
  @Test func `a sender that is too fast loses the excess, and no other sender does`() {
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

  @Test(.enabled(if: Needs.root.isMet, "\(Needs.root)"))
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

  @Test(.enabled(if: Needs.root.isMet, "\(Needs.root)"))
  func `a crowd of users shares the rest and takes nothing from earlier ones`() {
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

  @Test func `a limit is reported again after a quiet period, with the losses meanwhile`() {
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
        "dropping the excess, and 3 others since the last report") == true)
  }

  @Test func `counts the samples that a full table of metrics refuses until there is room`() {
    let bench = SocketBench(sink: CSVSink(capacity: 1))
    bench.receive("a:1|g\nb:1|g")
    bench.endInterval()
    #expect(bench.all == ["a:1.0"])
    #expect(bench.health.refused == 1)
  }

  @Test func `one poll reads a limited amount`() {
    let bench = SocketBench { $0.datagramsPerSecond = 1_000_000 }
    let text = String(repeating: "n:1|c\n", count: 1_300)
    var sent = 0
    while sent < 100, bench.send(text) { sent += 1 }
    // The kernel queues some ten datagrams, more where it is configured to.
    #expect(sent > 8)
    #expect(bench.input.poll(now: bench.now, into: bench.sink) == .moreReady)
    bench.poll(after: .zero)
    bench.endInterval()
    #expect(bench.values("n") == ["\(Double(sent * 130))"])
  }
}

/// Sends a datagram in the name of another user, which root may (SCM_CREDENTIALS of unix(7)).
private func sendAs(user: UInt32, _ text: String, to path: String) -> Bool {
  let socket = UnixDatagrams()
  guard socket.connect(to: path) else { return false }
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
        return sendmsg(socket.descriptor, &message, 0) == bytes.count
      }
    }
  }
}
