import Glibc
import Inputs
import Series
import Testing

@Suite struct SocketLineTests {
  /// The metrics reported after one interval of ten seconds in which `lines` came.
  private func told(
    _ lines: String...,
    adjust: (inout SocketSection) -> Void = { _ in }
  ) -> SocketBench {
    let bench = SocketBench(adjust)
    for line in lines { bench.receive(line) }
    bench.endInterval()
    return bench
  }

  // MARK: StatsD

  @Test(arguments: [
    ("web.hits:1|c", "web.hits:0.1"),
    ("web.hits:30|c", "web.hits:3.0"),
    ("web.hits:-30|c", "web.hits:-3.0"),
    ("web.hits:1|c|@0.1", "web.hits:1.0"),
    ("web.hits:1:2:7|c", "web.hits:1.0"),
    ("web.hits:1|c\nweb.hits:9|c\n", "web.hits:1.0"),
    ("web.hits:1|c:2|c", "web.hits:0.3"),
    ("web.hits:1|c:2:3|c|@0.5:4|c", "web.hits:1.5"),
    ("web.hits:1|c|@0.5:4|c|#a:b,c", "web.hits,a=b,c:0.6"),
    ("depth:1|g:+2|g", "depth:3.0"),
    ("users:anna|s:bert|s:anna|s", "users:2.0"),
    ("web.hits:10|m", "web.hits:1.0"),
    ("depth:12.5|g", "depth:12.5"),
    ("depth:1e3|g", "depth:1000.0"),
    ("depth:1|g\ndepth:2|g", "depth:2.0"),
    ("depth:10|g\ndepth:-3|g\ndepth:+1|g", "depth:8.0"),
    ("depth:-3|g", "depth:-3.0"),
    ("users:anna|s\nusers:bert|s\nusers:anna|s", "users:2.0"),
    ("users:fe80::1|s\nusers:fe80::2|s", "users:2.0"),
    ("a b/c:1|g", "a_b/c:1.0"),
    ("depth:5|g|#env:prod,canary", "depth,canary,env=prod:5.0"),
    ("depth:5|g|#canary,env:prod", "depth,canary,env=prod:5.0"),
    ("depth:5|g|#", "depth:5.0"),
    ("depth:5|g|#url:http://x,,", "depth,url=http://x:5.0"),
    ("depth:5|g|c:0123abc", "depth:5.0"),
    ("hits:5|c|@0.5|#a:b|c:ci-1|T1656581400", "hits,a=b:1.0"),
    ("größe:5|g", "größe:5.0"),
    ("  depth:5|g \r\n", "depth:5.0"),
  ])
  func `accepts StatsD`(lines: String, expected: String) {
    let bench = told(lines)
    #expect(bench.all == [expected])
    #expect(bench.notices.isEmpty)
    #expect(bench.health.malformed == 0)
  }

  @Test func `events are passed on as they come, a stream for each name and its tags`() {
    let bench = SocketBench()
    bench.receive("door:opened|e", "door:a:b|e|#cpu:1", after: .seconds(1))
    bench.receive("door:closed|e\ndoor:opened|e")
    #expect(bench.sink.ids(of: "door") == ["opened", "closed", "opened"])
    #expect(bench.sink.ids(of: "door,cpu=1") == ["a:b"])
    #expect(bench.health.samples == 4)
    #expect(bench.health.malformed == 0)
    bench.endInterval()
    #expect(bench.health.samples == 4)
    bench.restart(takingOver: false)
    bench.poll(after: .zero)
    bench.receive("door:closed|e")
    #expect(bench.sink.ids(of: "door").last == "closed")
  }

  @Test func `a timer is its rate, mean, 95th percentile and maximum`() {
    let bench = SocketBench()
    for value in (1...100).shuffled() { bench.receive("wait:\(value)|ms") }
    bench.endInterval()
    #expect(
      bench.all == ["wait.rate:10.0", "wait.mean:50.5", "wait.p95:95.0", "wait.max:100.0"])
    bench.endInterval()
    #expect(
      bench.all == ["wait.rate:10.0,0.0", "wait.mean:50.5", "wait.p95:95.0", "wait.max:100.0"])
  }

  @Test func `a sampled timer counts what was not sent, and its suffix precedes the tags`() {
    let bench = told("wait:8:4|d|@0.5|#zone:a")
    #expect(
      bench.all == [
        "wait.rate,zone=a:0.4", "wait.mean,zone=a:6.0", "wait.p95,zone=a:8.0",
        "wait.max,zone=a:8.0",
      ])
  }

  @Test func `the percentile of very many measurements is nearly right`() {
    let bench = SocketBench { $0.datagramsPerSecond = 100_000 }
    for hundred in 0..<100 {
      bench.receive((0..<100).map { "wait:\($0 * 100 + hundred)|h" }.joined(separator: "\n"))
    }
    bench.endInterval()
    let percentile = Double(bench.values("wait.p95").first ?? "") ?? 0
    // The standard error of this percentile of 512 of 10,000 is some 96.
    #expect(abs(percentile - 9_500) < 500)
    #expect(bench.values("wait.max") == ["9999.0"])
    #expect(bench.values("wait.mean") == ["4999.5"])
    #expect(bench.values("wait.rate") == ["1000.0"])
  }

  @Test(arguments: [1, 200, 256]) func `a set is exact while it is small`(size: Int) {
    let bench = SocketBench()
    for _ in 0..<2 {
      bench.receive((0..<size).map { "users:\($0)|s" }.joined(separator: "\n"))
    }
    bench.endInterval()
    #expect(bench.values("users") == ["\(size).0"])
    bench.endInterval()
    #expect(bench.values("users").last == "0.0")
  }

  @Test(arguments: [300, 5_000, 40_000]) func `a large set is estimated`(size: Int) {
    let bench = SocketBench()
    for start in stride(from: 0, to: size, by: 300) {
      let end = min(start + 300, size)
      bench.receive((start..<end).map { "users:\($0)|s" }.joined(separator: "\n"))
    }
    bench.endInterval()
    let found = Double(bench.values("users").first ?? "") ?? 0
    // Five standard errors.
    #expect(abs(found - Double(size)) < 0.08 * Double(size))
  }

  @Test func `signs of gauges can be signs`() {
    let bench = told("t:-3|g\nt:-4|g") { $0.signedGauges = .value }
    #expect(bench.all == ["t:-4.0"])
  }

  // MARK: Line protocol

  @Test(arguments: [
    ("cpu usage=12.5", "cpu.usage:12.5"),
    ("cpu value=12.5", "cpu:12.5"),
    (
      "cpu usage=12.5,idle=3i,free=7u,up=t,down=FALSE",
      "cpu.usage:12.5 cpu.idle:3.0 cpu.free:7.0 cpu.up:1.0 cpu.down:0.0"
    ),
    ("cpu,host=a,core=0 usage=1e2", "cpu.usage,core=0,host=a:100.0"),
    ("cpu,core=0,host=a usage=-1", "cpu.usage,core=0,host=a:-1.0"),
    (
      "disk\\,io,path=/mnt/my\\ disk,k\\=ey=a\\,b rea\\ d=1",
      "disk,io.rea_d,k=ey=a,b,path=/mnt/my_disk:1.0"
    ),
    ("log,host=a text=\"x=1, y|c:2 \\\" z\",size=3i", "log.size,host=a:3.0"),
    ("net,url=http://a:80/ up=1i", "net.up,url=http://a:80/:1.0"),
    ("cpu usage=1 1699999990000000000\ncpu usage=2 1699999991", "cpu.usage:1.0,2.0"),
    ("# comment\ncpu usage=1", "cpu.usage:1.0"),
    ("cpu  usage=1", "cpu.usage:1.0"),
  ])
  func `accepts the line protocol`(lines: String, expected: String) {
    let bench = told(lines)
    #expect(bench.all.joined(separator: " ") == expected)
    #expect(bench.warnings.isEmpty)
    #expect(bench.health.malformed == 0)
  }

  @Test func `fields are reported on arrival, with their own time or that of reading`() {
    let bench = SocketBench()
    bench.receive("a v=1 1699999999\na v=2 1699999999500", "b v=3")
    #expect(
      bench.sink.samples(of: "a.v").map(\.timestamp.iso8601) == [
        "2023-11-14T22:13:19.000Z", "2023-11-14T22:13:19.500Z",
      ])
    #expect(bench.sink.samples(of: "b.v").map(\.timestamp) == [bench.now])
  }

  @Test(arguments: [
    (SocketSection.Precision.seconds, "1699999990"),
    (.milliseconds, "1699999990000"), (.microseconds, "1699999990000000"),
    (.nanoseconds, "1699999990000000000"),
  ])
  func `reads time stamps in the configured unit, or detects it`(
    unit: SocketSection.Precision, text: String
  ) {
    for precision in [unit, .automatic] {
      let bench = SocketBench { $0.precision = precision }
      bench.receive("a v=1 \(text)")
      #expect(bench.sink.samples(of: "a.v").map(\.timestamp.seconds) == [1_699_999_990])
    }
    let other: SocketSection.Precision = unit == .seconds ? .nanoseconds : .seconds
    let bench = SocketBench { $0.precision = other }
    bench.receive("a v=1 \(text)")
    #expect(bench.all.isEmpty)
    #expect(bench.warnings.first?.contains("is TimestampPrecision= right?") == true)
  }

  @Test func `a value that goes back in time is skipped`() {
    let bench = SocketBench()
    bench.receive("a v=1 1699999990\na v=2 1699999989\na v=3 1699999990")
    #expect(bench.values("a.v") == ["1.0", "3.0"])
    #expect(bench.health.malformed == 1)
    #expect(bench.warnings.first?.contains("2023-11-14T22:13:10.000Z on for a.v, found") == true)
  }

  @Test func `texts, events and service checks are ignored and counted`() {
    let bench = told(
      "log text=\"a\",size=3i", "log text=\"a b\"", "_e{5,4}:title|text", "_sc|redis|0|#a:b")
    #expect(bench.all == ["log.size:3.0"])
    #expect(bench.health.skipped == 4)
    #expect(bench.health.malformed == 0)
    #expect(bench.infos.count == 1)
    #expect(bench.infos.first?.contains("found text, which is not a metric") == true)
  }

  @Test func `several measurements in one line have rates of their own`() {
    let bench = told("wait:5|ms:7|ms|@0.5:9|ms")
    #expect(bench.all == ["wait.rate:0.4", "wait.mean:7.0", "wait.p95:9.0", "wait.max:9.0"])
    #expect(bench.health.malformed == 0)
  }

  @Test(arguments: [
    "log v=3,msg=\"line one\nline two\"", "log msg=\"one\n\ntwo \\\" three\n\",v=3",
    "log a=\"x\ny\",v=3,b=\"\n\"", "log v=3,msg=\"a:1|c\nb:2|c\n\" 1699999999",
  ])
  func `a quoted text holds line ends`(line: String) {
    let bench = told(line + "\nok v=1")
    #expect(bench.all == ["log.v:3.0", "ok.v:1.0"])
    #expect(bench.health.malformed == 0)
  }

  @Test func `a quote that never closes costs one line`() {
    let bench = told("log v=3,msg=\"open\nok v=1\nhits:10|c")
    #expect(bench.all == ["ok.v:1.0", "hits:1.0"])
    #expect(bench.health.malformed == 1)
    #expect(bench.warnings.first?.hasSuffix("skipping the line: \"log v=3,msg=\"open\"") == true)
  }

  @Test(.timeLimit(.minutes(1))) func `quotes cannot make a datagram expensive`() {
    let bench = SocketBench { $0.datagramBytes = 60_000 }
    bench.receive(String(repeating: "a b=\"\n", count: 8_000))
    bench.receive("a b=\"" + String(repeating: "\n\",c=\"", count: 8_000))
    #expect(bench.all.isEmpty)
  }

  // MARK: Tags

  @Test(arguments: [
    (SocketSection.Tags.all, "q.n,a=1,b=2,c=3:5.0"), (.chosen([]), "q.n:5.0"),
    (.chosen(["b", "x", "a"]), "q.n,a=1,b=2:5.0"),
  ])
  func `tags are part of the name as configured`(tags: SocketSection.Tags, name: String) {
    #expect(told("q,c=3,a=1,b=2 n=5") { $0.tags = tags }.all == [name])
    #expect(told("q.n:5|g|#c:3,a:1,b:2") { $0.tags = tags }.all == [name])
  }

  @Test func `the prefix precedes every name`() {
    let bench = told("a:1|g", "b v=1") { $0.prefix = "app" }
    #expect(bench.all.sorted() == ["app.a:1.0", "app.b.v:1.0"])
  }

  // MARK: Malformed

  @Test(arguments: [
    ("nonsense", "expected name:value|type (StatsD) or name field=value"),
    ("a b c", "expected name:value|type (StatsD) or name field=value"),
    ("a:1", "expected name:value|type (StatsD) or name field=value"),
    ("a:1|", #"expected a type out of c g ms h d s m e, found """#),
    ("a:|e", #"expected the id of an event of 1 to 64 bytes without control characters, found """#),
    ("a:x|e|@0.5", "expected every event of a stream, found a sample rate"),
    ("a:1|x", #"expected a type out of c g ms h d s m e, found "x""#),
    ("a:|c", #"expected a number, found """#),
    ("a:1x|c", #"expected a number, found "1x""#),
    ("a:nan|g", #"expected a number, found "nan""#),
    ("a:1:|c", #"expected a number, found """#),
    ("a:1:x:3|ms", #"expected a number, found "x""#),
    ("a:1|c:2|g", "expected a counter as under this name before, found a gauge"),
    ("a:1|c:x|c", #"expected a number, found "x""#),
    ("a:1|c:2", #"expected a type out of c g ms h d s m e, found "2""#),
    ("a:1|c:2|x", #"expected a type out of c g ms h d s m e, found "x""#),
    ("a:|s", #"expected a number, found """#),
    (":1|c", "expected a name at the beginning"),
    ("a:1|c|@2", #"expected a sample rate above 0 and up to 1, found "2""#),
    ("a:1|c|@0", "expected a sample rate"),
    ("a:1|c|@", "expected a sample rate"),
    ("a:1|c|", #"expected @rate or #tags, found """#),
    ("a:1|c|sample", #"expected @rate or #tags, found "sample""#),
    ("cpu usage=", #"expected field=value, found "usage=""#),
    ("cpu =1", "expected field=value"),
    ("cpu usage=1,", "expected field=value"),
    ("cpu usage=\"open", "expected field=value"),
    ("cpu usage=\"a\"b", "expected field=value"),
    ("cpu usage=abc", #"expected a number, found "abc""#),
    ("cpu usage=1.5i", "expected a number"),
    ("cpu usage=-1u", "expected a number"),
    ("cpu usage=99999999999999999999i", "expected a number"),
    ("cpu usage=1 12x", #"expected a whole number as time stamp, found "12x""#),
    ("cpu usage=1 99999999999999999999", "expected a whole number as time stamp"),
    ("cpu usage=1 1", "expected a time stamp of the last day"),
    ("cpu,host usage=1", #"expected tag=value, found "host""#),
    ("cpu,host= usage=1", "expected tag=value"),
    ("cpu, usage=1", "expected tag=value"),
    ("cpu,a=b, usage=1", "expected tag=value"),
    (",a=b usage=1", "expected a name"),
    ("a\u{2028}b:1|c", "expected a name of printable characters"),
    (String(repeating: "n", count: 201) + ":1|c", "expected a name of at most 200 bytes"),
    (String(repeating: "n", count: 197) + ":1|ms", "expected a name of at most 200 bytes"),
    ("m,t=" + String(repeating: "n", count: 201) + " v=1", "expected a name of at most 200"),
    ("a:1|g|#" + (0..<33).map { "t\($0)" }.joined(separator: ","), "expected at most 32 tags"),
  ])
  func `reports what is wrong with a line and its sender`(line: String, words: String) {
    let bench = told(line, "good:1|g")
    #expect(bench.all == ["good:1.0"])
    #expect(bench.health.malformed == 1)
    let process = "process \(getpid()) of user \(getuid())"
    #expect(bench.warnings.count == 1)
    #expect(bench.warnings.first?.hasPrefix("\(bench.path): \(process): ") == true)
    #expect(bench.warnings.first?.contains(words) == true, "\(bench.warnings)")
    #expect(bench.warnings.first?.contains("skipping the line: \"") == true)
    #expect(bench.health.lastError == bench.warnings.first)
  }

  @Test func `a name that is not UTF-8 creates no metric`() {
    let bench = SocketBench()
    #expect(bench.send([0x61, 0xFF, 0x3A, 0x31, 0x7C, 0x63]))
    bench.endInterval()
    #expect(bench.all.isEmpty)
    #expect(bench.warnings.first?.contains(#"skipping the line: "a\xff:1|c""#) == true)
  }

  @Test func `a malformed line is reported once, and the rest of its datagram is used`() {
    let bench = told("a:1|g\nx\ny\nb:2|g\nz")
    #expect(bench.all == ["a:1.0", "b:2.0"])
    #expect(bench.warnings.count == 1)
    #expect(bench.health.malformed == 3)
    bench.poll(after: .seconds(400))
    #expect(bench.warnings.last == "\(bench.path): 2 more lines in neither format")
  }

  @Test(arguments: [
    ("a:1|c", "a:1|g", "expected a counter as under this name before, found a gauge"),
    ("a:1|ms", "a.p95:1|g", "expected a metric of a timer"),
    ("a.max:1|g", "a:1|ms", "expected a gauge as under this name before, found a timer, which"),
    ("a v=1", "a.v:1|s", "expected a field of the line protocol as"),
  ])
  func `a name means one thing`(first: String, second: String, words: String) {
    let bench = told(first, second)
    #expect(bench.warnings.count == 1)
    #expect(bench.warnings.first?.contains(words) == true, "\(bench.warnings)")
  }
}
