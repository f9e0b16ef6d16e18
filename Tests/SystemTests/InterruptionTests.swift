import Glibc
import Synchronization
import System
import Testing

/// Calls interrupted by a signal every other millisecond, in processes of their own, since a signal
/// handler belongs to the whole process.
@Suite struct InterruptionTests {
  @Test func `a blocking read continues after signals`() async {
    await #expect(processExitsWith: .success) {
      let pipe = try Pipe()
      let (reader, writer) = (pipe.reading.number, pipe.writing.number)
      let signals = try Signals()
      var byte: UInt8 = 0
      #expect(read(reader, &byte, 1) == -1 && errno == EINTR, "the signals interrupt calls")
      let sender = try Thread {
        usleep(100_000)
        var bytes: [UInt8] = [1, 2, 3]
        _ = write(writer, &bytes, 3)
      }
      #expect(try pipe.reading.readAll(atMost: 3) == [1, 2, 3])
      sender.join()
      #expect(signals.end() > 5)
    }
  }

  @Test func `a write to a full pipe is completed in spite of signals`() async {
    await #expect(processExitsWith: .success) {
      let pipe = try Pipe()
      let reader = pipe.reading.number
      let signals = try Signals()
      let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
      let received = Mutex<[UInt8]>([])
      // A slow reader: the writer has to wait, and signals interrupt its calls.
      let receiver = try Thread {
        var chunk = [UInt8](repeating: 0, count: 10_000)
        while received.withLock({ $0.count }) < 300_000 {
          let count = read(reader, &chunk, chunk.count)
          guard count > 0 else { break }
          received.withLock { $0 += chunk[..<count] }
          usleep(3000)
        }
      }
      try pipe.writing.writeAll(bytes.span.bytes)
      receiver.join()
      #expect(received.withLock { $0 } == bytes)
      #expect(signals.end() > 5)
    }
  }

  @Test func `a non-blocking pipe accepts a part and reports that it is full`() throws {
    let pipe = try Pipe()
    _ = fcntl(pipe.writing.number, F_SETFL, O_NONBLOCK)
    let capacity = 1 << 16
    let bytes = [UInt8](repeating: 7, count: capacity + 5000)
    #expect(throws: Errno(EAGAIN)) { try pipe.writing.writeAll(bytes.span.bytes) }
    #expect(throws: Errno(EAGAIN)) { _ = try pipe.writing.write(bytes.span.bytes) }
    #expect(try pipe.reading.readAll(atMost: capacity).count == capacity)
  }
}

/// Interrupts the calls of the thread that creates it, every other millisecond until ``end()``.
private final class Signals {
  private static let arrived = Atomic(0)
  private let isEnding: Flag
  private let sender: Thread

  private final class Flag: Sendable {
    let value = Atomic(false)
  }

  init() throws {
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in
      Signals.arrived.wrappingAdd(1, ordering: .relaxed)
    }
    action.sa_flags = 0  // not SA_RESTART
    sigaction(SIGALRM, &action, nil)
    // libdispatch blocks signals on its threads.
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, SIGALRM)
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
    let (target, flag) = (pthread_self(), Flag())
    isEnding = flag
    sender = try Thread {
      while !flag.value.load(ordering: .relaxed) {
        usleep(2000)
        pthread_kill(target, SIGALRM)
      }
    }
  }

  /// - Returns: how many signals arrived.
  func end() -> Int {
    isEnding.value.store(true, ordering: .relaxed)
    sender.join()
    return Signals.arrived.load(ordering: .relaxed)
  }
}

/// A thread that runs a closure.
private struct Thread {
  private let thread: pthread_t

  private final class Body {
    let run: () -> Void
    init(_ run: @escaping () -> Void) { self.run = run }
  }

  init(_ run: @escaping @Sendable () -> Void) throws(Errno) {
    var thread = pthread_t()
    let body = Unmanaged.passRetained(Body(run))
    let code = pthread_create(
      &thread, nil,
      { body in
        guard let body else { return nil }
        Unmanaged<Body>.fromOpaque(body).takeRetainedValue().run()
        return nil
      }, body.toOpaque())
    guard code == 0 else { throw Errno(code) }
    self.thread = thread
  }

  func join() { pthread_join(thread, nil) }
}
