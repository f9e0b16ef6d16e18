import Inputs
import Series
import Testing

@Suite struct SocketRestartTests {
  @Test func `known series survive a restart`() {
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

  @Test func `a connected sender does not notice a reload`() {
    let bench = SocketBench()
    bench.receive("c:1|c")
    let descriptor = bench.input.readiness?.descriptor
    #expect(bench.send("c:9|c"))
    bench.restart(takingOver: true) { $0.idleGauges = .hold }
    #expect(bench.input.readiness?.descriptor == descriptor)
    bench.poll(after: .zero)
    bench.receive("c:1|c")
    bench.endInterval()
    // Events before the reload in its interval are lost, waiting ones are not.
    #expect(bench.values("c") == ["1.0"])
  }

  @Test func `names with another prefix are dropped`() {
    let bench = SocketBench()
    bench.receive("c:1|c")
    bench.restart(takingOver: true) { $0.prefix = "new" }
    bench.receive("d:1|c")
    bench.endInterval()
    #expect(bench.sink.names == ["new.d"])
  }

  @Test(arguments: [[], [2], [1, 9], Array(repeating: UInt8(1), count: 40)])
  func `an unreadable stored list is reported and dropped`(position: [UInt8]) {
    let input = SocketInput(name: "x", configuration: SocketSection())
    input.restorePosition(position)
    #expect(input.drainNotices().map(\.text).first?.contains("cannot be read") == true)
  }

  @Test func `a metric is registered only when it has a value`() {
    let bench = SocketBench()
    bench.receive("g:5|g\nf v=1")
    #expect(bench.sink.names == ["f.v"])
    bench.endInterval()
    #expect(bench.sink.names == ["f.v", "g"])
    let empty = CSVSink()
    _ = bench.input.poll(now: bench.now.advanced(by: .seconds(10)), into: empty)
    #expect(empty.names.isEmpty)
  }
}
