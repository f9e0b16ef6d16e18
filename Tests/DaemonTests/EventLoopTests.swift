import Daemon
import Glibc
import Support
import System
import Testing

@Suite struct EventLoopTests {
  @Test func `a timer fires once for each setting and not before its time`() throws {
    let loop = try EventLoop()
    var fired: [MonotonicTime] = []
    let timer = try loop.timer(accuracy: .milliseconds(1)) { fired.append(.now) }
    #expect(try !loop.turn(timeout: .milliseconds(2)), "a timer that is not set must not fire")
    let due = MonotonicTime.now.advanced(by: .milliseconds(20))
    try timer.fire(at: due)
    #expect(try loop.turn(timeout: .seconds(5)))
    #expect(fired.count == 1)
    #expect(fired[0] >= due)
    #expect(try !loop.turn(timeout: .milliseconds(2)))
    try timer.fire(at: due)
    try timer.cancel()
    #expect(try !loop.turn(timeout: .milliseconds(2)))
    #expect(fired.count == 1)
  }

  @Test func `a signal reaches only its handler`() throws {
    let loop = try EventLoop()
    var count = 0
    let source = try loop.onSignal(SIGUSR2) { count += 1 }
    // To this thread alone: another thread of the test process does not block the signal.
    #expect(pthread_kill(pthread_self(), SIGUSR2) == 0)
    #expect(try loop.turn(timeout: .seconds(5)))
    #expect(count == 1)
    withExtendedLifetime(source) {}
  }

  @Test func `a ready descriptor reaches its handler until its source is released`() throws {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    defer { ends.forEach { close($0) } }
    let loop = try EventLoop()
    var ready: [UInt32] = []
    var source: DescriptorSource? = try loop.onReady(ends[0], events: 1) { ready.append($0) }
    #expect(try !loop.turn(timeout: .milliseconds(2)))
    #expect(write(ends[1], "x", 1) == 1)
    #expect(try loop.turn(timeout: .seconds(5)))
    #expect(ready == [1])
    #expect(source != nil)
    source = nil
    #expect(try !loop.turn(timeout: .milliseconds(2)))
  }

  @Test func `work that reschedules itself does not starve a timer`() throws {
    let loop = try EventLoop()
    var turns = 0
    var again: DeferredSource?
    let work = try loop.deferred {
      turns += 1
      try? again?.request()
    }
    again = work
    let timer = try loop.timer(accuracy: .milliseconds(1)) { loop.exit(3) }
    try work.request()
    try timer.fire(at: MonotonicTime.now.advanced(by: .milliseconds(10)))
    #expect(try loop.run() == 3)
    #expect(turns > 1)
    again = nil
  }

  @Test func `work requested twice is done once`() throws {
    let loop = try EventLoop()
    var turns = 0
    let work = try loop.deferred { turns += 1 }
    try work.request()
    try work.request()
    #expect(try loop.turn(timeout: .seconds(5)))
    #expect(try !loop.turn(timeout: .milliseconds(2)))
    #expect(turns == 1)
  }

  @Test func `a handler may remove its own source from the loop`() throws {
    let loop = try EventLoop()
    var timer: TimerSource?
    timer = try loop.timer { timer = nil }
    try timer?.fire(at: .now)
    #expect(try loop.turn(timeout: .seconds(5)))
    #expect(timer == nil)
  }

  @Test func `post-iteration handlers run after each iteration`() throws {
    let loop = try EventLoop()
    var order: [String] = []
    let work = try loop.deferred { order.append("work") }
    let post = try loop.afterEachTurn { order.append("post") }
    try work.request()
    while try loop.turn(timeout: .milliseconds(2)) {}
    #expect(order == ["work", "post"])
    withExtendedLifetime(post) {}
  }

  @Test func `rejects a descriptor that is not open`() throws {
    let loop = try EventLoop()
    #expect(throws: EventLoopError.self) { try loop.onReady(-1, events: 1) { _ in } }
  }

  @Test(
    arguments: [
      (0, 5_000_000_000), (4_999_999_999, 5_000_000_000), (5_000_000_000, 10_000_000_000),
    ] as [(Int64, Int64)]
  )
  func `ticks lie on multiples of the interval`(now: Int64, tick: Int64) {
    let next = MonotonicTime(nanoseconds: now).nextTick(every: .seconds(5))
    #expect(next == MonotonicTime(nanoseconds: tick))
  }

  @Test func `thirty days of late wake-ups move no tick`() {
    var random = SystemRandomNumberGenerator()
    var now = MonotonicTime(nanoseconds: 3)
    var expected: Int64 = 0
    for _ in 0..<(30 * 86_400 / 5) {
      let next = now.nextTick(every: .seconds(5))
      expected += 5_000_000_000
      guard next.nanoseconds == expected else { break }
      now = next.advanced(by: .milliseconds(Int(random.next() % 4_900)))
    }
    #expect(expected == 30 * 86_400 * 1_000_000_000)
    #expect(now.nanoseconds >= expected)
  }
}
