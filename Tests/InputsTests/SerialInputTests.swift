import AllocationCounter
import Glibc
import Inputs
import Series
import Support
import Testing

@Suite struct SerialInputTests {
  // MARK: Reading

  @Test func `delivers each line with the moment of reading`() {
    let bench = SerialBench()
    bench.receive("21.5,40\n")
    bench.receive("21.6,", after: .milliseconds(300))
    bench.receive("41\n", after: .milliseconds(300))
    let samples = bench.sink.samples(of: "air.t")
    #expect(samples.map(\.value) == [21.5, 21.6])
    #expect(samples.last?.timestamp == bench.now)
    #expect(samples[1].timestamp.elapsed(since: samples[0].timestamp) == .milliseconds(600))
    #expect(bench.input.health.samples == 4)
    #expect(bench.input.health.lastSampleAt == bench.now)
    #expect(bench.notices.isEmpty)
  }

  @Test func `skips a first line whose beginning may be missing`() {
    let bench = SerialBench(isQuiet: false)
    bench.poll()
    bench.receive("1.5,40\n21.6,41\n", after: .milliseconds(20))
    #expect(bench.values("t") == ["21.6"])
    #expect(bench.malformed == 0)
  }

  @Test func `discards a line that stops in its middle`() {
    let bench = SerialBench(fields: ["t"])
    bench.receive("2")
    bench.receive("1.5\n", after: .seconds(4))
    bench.receive("2")
    bench.receive("21.5\n", after: .seconds(6))
    #expect(bench.values("t") == ["21.5", "21.5"])
    #expect(bench.malformed == 1)
    #expect(bench.warnings.first?.contains("the rest of a line") == true)
  }

  @Test func `skips a line that is too long`() {
    let bench = SerialBench(fields: ["t"])
    bench.receive("1\n" + String(repeating: "7", count: 6_000) + "\n2\n")
    #expect(bench.values("t") == ["1.0", "2.0"])
    #expect(bench.malformed == 1)
    #expect(bench.warnings.first?.contains("at most 4096 bytes") == true)
  }

  @Test func `a pause ends a frame if configured`() {
    let bench = SerialBench {
      $0.framing = .gap
      $0.idleGap = .milliseconds(50)
    }
    bench.receive("21.5,", after: .seconds(1))
    bench.receive("40", after: .milliseconds(10))
    let end = bench.now
    bench.receive("21.6,41", after: .milliseconds(60))
    #expect(bench.values("t") == ["21.5"])
    #expect(bench.sink.samples(of: "air.t").first?.timestamp == end)
    bench.poll(after: .milliseconds(60))
    #expect(bench.values("h") == ["40.0", "41.0"])
    bench.receive("21.7,42\r\n", after: .milliseconds(60))
    bench.poll(after: .milliseconds(60))
    #expect(bench.values("h") == ["40.0", "41.0", "42.0"])
    #expect(bench.malformed == 0)
  }

  @Test func `skips a first frame without a gap before it`() {
    let bench = SerialBench(isQuiet: false) {
      $0.framing = .gap
      $0.idleGap = .milliseconds(50)
    }
    bench.poll()
    bench.receive("1.5,40", after: .milliseconds(10))
    bench.poll(after: .milliseconds(60))
    bench.receive("21.6,41", after: .milliseconds(60))
    bench.poll(after: .milliseconds(60))
    #expect(bench.values("t") == ["21.6"])
  }

  @Test func `counts the samples that a full table refuses`() {
    let bench = SerialBench(sink: CSVSink(capacity: 1))
    bench.receive("1,2\n")
    #expect(bench.all == ["air.t:1.0"])
    #expect(bench.input.health.refused == 1)
  }

  // MARK: Trouble

  @Test func `reports a malformed line once, with its number and content, and summarises the rest`()
  {
    let bench = SerialBench { $0.quietPeriod = .seconds(60) }
    bench.receive("1,2\n1,x\u{1b}y\n1,\"\n")
    bench.receive("1,z\n")
    bench.receive("1,w\n2,3\n")
    #expect(bench.malformed == 4)
    #expect(
      bench.warnings == [
        "\(bench.device): line 2 since it was opened: expected text, found unprintable bytes, "
          + #"skipping it: "1,x\x1by""#,
        "\(bench.device): line 3 since it was opened: expected 2 values, found 1, skipping it: "
          + #""1,"""#,
      ])
    #expect(bench.input.health.lastError?.contains(#"found "w", skipping"#) == true)
    bench.poll(after: .seconds(61))
    #expect(bench.warnings.last == "\(bench.device): 2 more malformed lines")
  }

  @Test func `suggests a wrong baud rate if most lines are noise`() {
    let bench = SerialBench { $0.line.baud = 4_800 }
    bench.receive(noise(8_192))
    let verdicts = bench.warnings.filter { $0.contains("most lines are malformed") }
    #expect(verdicts.count == 1)
    #expect(verdicts.first?.contains("is Baud=4800 right?") == true)
    #expect(bench.health.lastError?.contains("(32 of the last 32): is Baud=4800 right?") == true)
    #expect(bench.health.lastErrorAt == bench.now)
    #expect(bench.all == [])
    bench.receive("\n" + String(repeating: "21.5,40\n", count: 40))
    #expect(bench.infos == ["\(bench.device): most lines are valid again"])
    bench.receive(noise(8_192))
    #expect(bench.warnings.filter { $0.contains("is Baud=4800 right?") }.count == 1)
    bench.receive("\n" + String(repeating: "21.5,40\n", count: 40))
    #expect(bench.infos.count == 1)
    bench.poll(after: .seconds(400))
    bench.receive(noise(8_192))
    #expect(bench.warnings.filter { $0.contains("is Baud=4800 right?") }.count == 2)
  }

  @Test func `suggests a wrong format if most lines are text`() {
    let bench = SerialBench()
    bench.receive(String(repeating: "t=1 h=2\n", count: 32))
    #expect(bench.warnings.contains { $0.contains("(16 of the last 16): is Format=csv right") })
    #expect(!bench.warnings.contains { $0.contains("Baud=") })
  }

  @Test func `some malformed lines do not cast doubt on a setting`() {
    let bench = SerialBench()
    bench.receive(String(repeating: "1,2\n1,2\n1,2\nx\n", count: 32))
    #expect(!bench.warnings.contains { $0.contains("most lines are malformed") })
    #expect(bench.malformed == 32)
  }

  // MARK: Opening

  @Test func `continues when an unplugged device is plugged in again`() {
    let bench = SerialBench()
    bench.receive("1,2\n3,")
    bench.unplug()
    for _ in 0..<5 { bench.poll() }
    #expect(bench.input.readiness == nil)
    #expect(
      bench.warnings == [
        "\(bench.device): the device is gone, reopening it as soon as it is back"
      ])
    let first = bench.input.health.lastErrorAt
    bench.plug()
    bench.poll()
    bench.poll()
    #expect(bench.infos == [])
    bench.receive("4\n5,6\n")
    #expect(bench.infos == ["\(bench.device): open again, reading on"])
    #expect(bench.all == ["air.t:1.0,5.0", "air.h:2.0,6.0"])
    #expect(bench.input.health.lastErrorAt != first)
    bench.poll(after: .seconds(60))
    bench.unplug()
    bench.poll()
    #expect(bench.warnings.filter { $0.contains("is gone") }.count == 2)
  }

  @Test func `a loose plug is reported once, and so is a silent device that returns`() {
    let bench = SerialBench()
    for _ in 0..<5 {
      bench.unplug()
      for _ in 0..<3 { bench.poll() }
      bench.plug()
      for _ in 0..<6 { bench.poll() }
    }
    #expect(bench.warnings.filter { $0.contains("is gone") }.count == 1)
    #expect(bench.infos == ["\(bench.device): open again, reading on"])
    bench.receive("1,2\n")
    #expect(bench.values("t") == ["1.0"])
  }

  @Test(
    .enabled(if: allocation_counter_is_active(), "a sanitizer counts in its stead"),
    .enabled(if: Needs.optimisation.isMet, "\(Needs.optimisation)"))
  func `a line on its way to samples allocates nothing`() throws {
    for (format, line) in [
      (SerialSection.Format.csv, "21.5,40\n"), (.keyValue, "t=21.5 h=40\n"),
      (.json, #"{"t":21.5,"h":40,"id":"a"}"# + "\n"),
    ] {
      let terminal = PseudoTerminal()
      var configuration = SerialSection()
      configuration.device = terminal.path
      configuration.format = format
      configuration.fields = ["t", "h"]
      let input = SerialInput(name: "air", configuration: configuration)
      let sink = CountingSink()
      var now = Timestamp(seconds: 1_700_000_000)
      func step() {
        now = now.advanced(by: .seconds(1))
        _ = input.poll(now: now, into: sink)
      }
      for _ in 0..<3 { step() }
      let descriptor = try #require(input.readiness?.descriptor)
      let bytes = Array(line.utf8)
      for _ in 0..<10 {
        terminal.send(bytes, to: descriptor)
        step()
      }
      var allocations: UInt64 = 0
      for _ in 0..<100 {
        terminal.send(bytes, to: descriptor)
        let before = allocation_counter_current()
        step()
        allocations += allocation_counter_current() - before
      }
      #expect(sink.samples == 220)
      #expect(allocations == 0, "\(format)")
    }
  }

  @Test func `opens a device that appears later immediately`() {
    let bench = SerialBench(isPlugged: false)
    for _ in 0..<100 { bench.poll() }
    #expect(
      bench.warnings == ["\(bench.device): no such device, retrying until it opens"])
    bench.plug()
    bench.poll()
    bench.poll()
    bench.receive("1,2\n")
    #expect(bench.values("t") == ["1.0"])
    #expect(bench.infos == ["\(bench.device): open again, reading on"])
    bench.unplug()
    for _ in 0..<10 { bench.poll() }
    #expect(
      bench.warnings.dropFirst() == [
        "\(bench.device): the device is gone, reopening it as soon as it is back"
      ])
  }

  @Test func `reports why a returned device cannot be opened`() throws {
    let bench = SerialBench()
    bench.unplug()
    bench.poll()
    bench.plugFile()
    for _ in 0..<10 { bench.poll() }
    #expect(bench.warnings.count == 2)
    #expect(bench.warnings.last?.contains("expected a serial line, found something") == true)
  }

  @Test func `each opening is signalled to the watcher of the descriptor`() {
    let bench = SerialBench()
    let first = bench.input.readiness
    bench.plug()
    bench.poll()
    bench.poll()
    #expect(first?.generation == 1)
    #expect(bench.input.readiness?.generation == 2)
  }

  @Test func `does not use a line that another program holds, until it is free`() throws {
    let bench = SerialBench(isQuiet: false)
    let other = open(bench.device, O_RDWR | O_NOCTTY | O_CLOEXEC)
    try #require(flock(other, LOCK_EX | LOCK_NB) == 0)
    for _ in 0..<10 { bench.poll() }
    #expect(
      bench.warnings == [
        "\(bench.device): another program has it open and locked, and two readers would share the "
          + "bytes, retrying until it opens"
      ])
    #expect(bench.input.readiness == nil)
    close(other)
    for _ in 0..<30 { bench.poll() }
    bench.receive("1,2\n")
    #expect(bench.values("t") == ["1.0"])
  }

  @Test func `retries a refused line with increasing delays`() {
    let bench = SerialBench(isPlugged: false, isQuiet: false)
    bench.plugFile()
    var attempts: [Int] = []
    var last: Timestamp?
    for second in 0..<100 {
      bench.poll()
      if bench.input.health.lastErrorAt != last { attempts.append(second) }
      last = bench.input.health.lastErrorAt
    }
    #expect(attempts == [0, 1, 3, 7, 15, 31, 61, 91])
    #expect(bench.warnings.first?.contains("expected a serial line, found something") == true)
    #expect(bench.warnings.count == 1)
  }

  @Test func `holds the line exclusively while it is open`() throws {
    let bench = SerialBench()
    let descriptor = try #require(bench.input.readiness?.descriptor)
    var isExclusive: Int32 = 0
    #expect(ioctl(descriptor, 0x8004_5440, &isExclusive) == 0)  // TIOCGEXCL
    #expect(isExclusive == 1)
    let other = open(bench.device, O_RDWR | O_NOCTTY | O_CLOEXEC)
    // The superuser bypasses the flag, but not the lock.
    if other >= 0 {
      #expect(flock(other, LOCK_EX | LOCK_NB) == -1)
      close(other)
    }
    #expect(fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0)
    #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
  }

  // MARK: Line settings

  @Test(arguments: [50, 300, 9_600, 115_200, 921_600, 12_345, 31_250, 250_000, 3_333_333])
  func `sets any baud rate`(baud: Int) throws {
    let line = try #require(settings { $0.baud = baud })
    #expect(line.speed == baud)
  }

  @Test func `sets stop bits, flow control and raw bytes`() throws {
    let plain = try #require(settings { _ in })
    #expect(plain.input == UInt32(INPCK))
    #expect(plain.output == 0)
    #expect(plain.local == 0)
    #expect(plain.control & UInt32(CSTOPB | HUPCL) == 0)
    #expect(plain.control & UInt32(CRTSCTS) == 0)
    #expect(plain.control & UInt32(CLOCAL | CREAD | CS8) == UInt32(CLOCAL | CREAD | CS8))
    let other = try #require(
      settings {
        $0.stopBits = 2
        $0.flowControl = .rtscts
      })
    #expect(other.control & UInt32(CSTOPB) != 0)
    #expect(other.control & UInt32(CRTSCTS) != 0)
    let soft = try #require(settings { $0.flowControl = .xonxoff })
    #expect(soft.input == UInt32(INPCK | IXON | IXOFF))
  }

  @Test func `reports settings that the driver did not accept`() {
    // A pseudo-terminal has 8 data bits and no parity, whatever is requested.
    let bench = SerialBench {
      $0.line.dataBits = 7
      $0.line.parity = .even
    }
    #expect(
      bench.warnings == [
        "\(bench.device): expected the line as configured, found another number of data bits than 7, "
          + "another parity than even, reading it as it is"
      ])
    bench.receive("1,2\n")
    #expect(bench.values("t") == ["1.0"])
  }

  private struct KernelLine {
    var input: UInt32
    var output: UInt32
    var control: UInt32
    var local: UInt32
    var speed: Int
  }

  /// The kernel's settings of a line opened with these.
  private func settings(_ adjust: (inout SerialLine) -> Void) -> KernelLine? {
    let bench = SerialBench { adjust(&$0.line) }
    guard let descriptor = bench.input.readiness?.descriptor else { return nil }
    var words = [UInt32](repeating: 0, count: 11)
    guard ioctl(descriptor, 0x802C_542A, &words) == 0 else { return nil }  // TCGETS2
    return KernelLine(
      input: words[0], output: words[1], control: words[2], local: words[3], speed: Int(words[10]))
  }

  // MARK: Pace

  @Test func `loses nothing of a sensor at 115200 baud`() throws {
    let bench = SerialBench(fields: ["n", "x"]) { $0.line.baud = 115_200 }
    let descriptor = try #require(bench.input.readiness?.descriptor)
    let lines = 1_000
    var rest = (0..<lines).flatMap { Array("\($0),\(Double($0) / 8)\r\n".utf8) }[...]
    let all = rest.count
    let begin = ContinuousClock.now
    var seconds = 0.0
    // Ten bits a byte. Between two polls the line gets the bytes that the wire would have carried
    // by then, so that lines are cut anywhere.
    while bench.health.samples < 2 * lines, seconds < 10 {
      seconds = (ContinuousClock.now - begin) / .seconds(1)
      let due = min(Int(seconds * 11_520) - (all - rest.count), 2_048)
      bench.send(Array(rest.prefix(max(due, 0))))
      rest = rest.dropFirst(max(due, 0))
      var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      _ = Glibc.poll(&wait, 1, 1)
      bench.poll(after: .milliseconds(1))
    }
    #expect(bench.values("n") == (0..<lines).map { "\(Double($0))" })
    #expect(bench.values("x").last == "\(Double(lines - 1) / 8)")
    #expect(bench.malformed == 0)
    #expect(seconds > 0.9 * Double(all) / 11_520, "the sensor was to keep its pace")
  }
}
