import Glibc
import Synchronization
import System
import Testing

/// Calls that a signal interrupts every other millisecond, in processes of their own: the timer and
/// what is done with its signal belong to the whole process.
@Suite struct InterruptionTests {
  @Test func `a read that waits goes on after signals`() async {
    await #expect(processExitsWith: .success) {
      startSignals()
      let pipe = try Pipe()
      let writer = pipe.writing.number
      let thread = try later(milliseconds: 100) {
        var bytes: [UInt8] = [1, 2, 3]
        _ = write(writer, &bytes, 3)
      }
      var buffer = [UInt8](repeating: 0, count: 8)
      let reader = pipe.reading.number
      var probe = [UInt8](repeating: 0, count: 8)
      #expect(read(reader, &probe, 8) == -1 && errno == EINTR, "the signals interrupt calls")
      let count = try buffer.withUnsafeMutableBytes { (buffer) throws(Errno) in
        try pipe.reading.read(into: buffer)
      }
      #expect(count == 3)
      #expect(signals.load(ordering: .relaxed) > 5)
      pthread_join(thread, nil)
    }
  }

  @Test func `a write to a full pipe is completed, however often it is interrupted`() async {
    await #expect(processExitsWith: .success) {
      startSignals()
      let pipe = try Pipe()
      let reader = pipe.reading.number
      // A slow reader: the writer waits for it, and each piece is less than what is left.
      let sum = Sum()
      let thread = try later(milliseconds: 20) {
        var chunk = [UInt8](repeating: 0, count: 10_000)
        while case let count = read(reader, &chunk, chunk.count), count != 0 {
          if count < 0 { continue }
          sum.add(chunk[..<count])
          usleep(1000)
        }
      }
      let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
      try pipe.writing.writeAll(bytes.span.bytes)
      close(pipe.writing.number)
      pthread_join(thread, nil)
      #expect(sum.bytes == bytes)
      #expect(signals.load(ordering: .relaxed) > 5)
      _exit(0)  // before the pipe is closed again
    }
  }

  @Test func `a pipe that does not block takes a part and reports that it is full`() throws {
    let pipe = try Pipe()
    _ = fcntl(pipe.writing.number, F_SETFL, O_NONBLOCK)
    let capacity = 1 << 16
    let bytes = [UInt8](repeating: 7, count: capacity + 5000)
    #expect(throws: Errno(EAGAIN)) { try pipe.writing.writeAll(bytes.span.bytes) }
    #expect(throws: Errno(EAGAIN)) { _ = try pipe.writing.write([1].span.bytes) }
    let taken = try pipe.reading.readAll(atMost: capacity)
    #expect(taken == [UInt8](repeating: 7, count: capacity))
  }
}

/// How many signals have arrived.
private let signals = Atomic(0)

/// From now on, a signal arrives every other millisecond and interrupts what waits.
private func startSignals() {
  var action = sigaction()
  action.__sigaction_handler.sa_handler = { _ in signals.add(1, ordering: .relaxed) }
  // Without SA_RESTART.
  action.sa_flags = 0
  sigaction(SIGALRM, &action, nil)
  let step = timeval(tv_sec: 0, tv_usec: 2000)
  var timer = itimerval(it_interval: step, it_value: step)
  setitimer(__itimer_which_t(ITIMER_REAL.rawValue), &timer, nil)
}

/// Runs `body` on a thread of its own, which no signal interrupts.
private func later(
  milliseconds: UInt32, _ body: @escaping @Sendable () -> Void
) throws -> pthread_t {
  final class Box {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
  }
  let box = Unmanaged.passRetained(
    Box {
      usleep(milliseconds * 1000)
      body()
    })
  var before = sigset_t()
  var alarm = sigset_t()
  sigemptyset(&alarm)
  sigaddset(&alarm, SIGALRM)
  pthread_sigmask(SIG_BLOCK, &alarm, &before)
  defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
  var thread = pthread_t()
  let code = pthread_create(
    &thread, nil,
    { box in
      guard let box else { return nil }
      Unmanaged<Box>.fromOpaque(box).takeRetainedValue().body()
      return nil
    }, box.toOpaque())
  guard code == 0 else { throw Errno(code) }
  return thread
}

/// Bytes that a thread has read.
private final class Sum: Sendable {
  private let collected = Mutex<[UInt8]>([])
  var bytes: [UInt8] { collected.withLock { $0 } }
  func add(_ bytes: ArraySlice<UInt8>) { collected.withLock { $0 += bytes } }
}
