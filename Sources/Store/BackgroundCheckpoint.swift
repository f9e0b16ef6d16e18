import CSystemd
import Glibc
public import Series
import Synchronization
public import System

/// A checkpoint written by a thread of its own, so that the caller's loop never waits for a disk.
///
/// The caller appends records while ``hasRoom``, then calls ``finish()``. Complete pieces are handed to
/// the thread, at most ``piecesUnderWay`` at a time; ``descriptor`` becomes readable when one is
/// written, and at the end. The thread touches nothing but these pieces and its file.
public final class BackgroundCheckpoint {
  /// The size at which a piece is handed over, in bytes.
  public static let pieceBytes = 512 << 10
  /// Maximum number of pieces that are queued or being written.
  public static let piecesUnderWay = 8

  /// Readable when the thread has made progress; call ``acknowledge()`` then.
  public var descriptor: Int32 { exchange.news.number }
  /// Records so far.
  public var records: Int { encoder.records }
  /// Bytes so far.
  public var bytes: Int { encoder.bytes }

  private let directory: StateDirectory
  private let exchange: Exchange
  private var encoder: CheckpointEncoder
  private var thread: pthread_t?

  /// Begins one alongside the existing ones.
  /// - Throws: ``FileError`` if no thread can be created.
  init(
    directory: StateDirectory, at moment: Timestamp, as target: CheckpointTarget
  ) throws(FileError) {
    self.directory = directory
    exchange = try Exchange(directory, target)
    encoder = CheckpointEncoder(at: moment, capacity: BackgroundCheckpoint.pieceBytes * 5 / 4)
    var thread = pthread_t()
    let box = Unmanaged.passRetained(exchange)
    let result = pthread_create(
      &thread, nil,
      { box in
        guard let box else { return nil }
        Unmanaged<Exchange>.fromOpaque(box).takeRetainedValue().run()
        return nil
      }, box.toOpaque())
    guard result == 0 else {
      box.release()
      throw FileError(
        operation: "pthread_create", path: directory.path, errno: Errno(result))
    }
    self.thread = thread
  }

  deinit { cancel() }

  /// Whether a record may be appended now: the thread is not too far behind, or has failed, after
  /// which pieces are discarded.
  public var hasRoom: Bool {
    exchange.state.withLock {
      $0.underWay < BackgroundCheckpoint.piecesUnderWay || $0.outcome != nil
    }
  }

  /// Adds a record. `name` has at most 1,024 bytes, `payload` appends at most 64 MiB.
  public func append(
    _ kind: RecordKind, name: String, payload: (inout ByteWriter) -> Void
  ) {
    encoder.append(kind, name: name, payload: payload)
    if encoder.writer.bytes.count >= BackgroundCheckpoint.pieceBytes { handOver() }
  }

  /// Ends the checkpoint: once the thread has written all of it, it becomes the newest one.
  public func finish() {
    encoder.end()
    handOver()
    exchange.state.withLock { $0.isFinished = true }
    exchange.work.add(1)
  }

  /// The result, the number of bytes; nil while the thread is working.
  public var outcome: Result<Int, FileError>? {
    exchange.state.withLock { $0.outcome }
  }

  /// Resets ``descriptor`` after it became readable.
  public func acknowledge() { exchange.news.take() }

  /// Abandons the checkpoint and waits for the thread to end, which takes as long as its current
  /// system call; harmless after the end. If the thread was already renaming the checkpoint, that
  /// is completed.
  public func cancel() {
    guard let thread else { return }
    exchange.state.withLock { $0.isCancelled = true }
    exchange.work.add(1)
    pthread_join(thread, nil)
    self.thread = nil
  }

  private func handOver() {
    let spare = exchange.state.withLock { $0.spare.popLast() } ?? []
    let piece = encoder.take(replacingBy: spare)
    exchange.state.withLock {
      guard $0.outcome == nil else { return }
      $0.pieces.append(piece)
      $0.underWay += 1
    }
    exchange.work.add(1)
  }
}

/// State shared by the caller's thread and the writing thread.
private final class Exchange: Sendable {
  struct State {
    /// Pieces to write, oldest first.
    var pieces: [[UInt8]] = []
    /// Buffers to reuse.
    var spare: [[UInt8]] = []
    /// Pieces that are not written yet.
    var underWay = 0
    var isFinished = false
    var isCancelled = false
    var outcome: Result<Int, FileError>?
  }

  private enum Step {
    case write([UInt8])
    case commit
    case cancel
    case wait
  }

  let state = Mutex(State())
  /// Signals the thread that there is work.
  let work: EventCounter
  /// Signals the caller that work was done.
  let news: EventCounter
  private let directory: StateDirectory
  private let target: CheckpointTarget

  init(_ directory: StateDirectory, _ target: CheckpointTarget) throws(FileError) {
    self.directory = directory
    self.target = target
    work = try EventCounter(isBlocking: true, path: directory.path)
    news = try EventCounter(isBlocking: false, path: directory.path)
  }

  /// The body of the writing thread.
  func run() {
    // The file is in place or removed before the caller sees the outcome.
    let outcome: Result<Int, FileError>?
    do throws(FileError) {
      outcome = try write().map { .success($0) }
    } catch {
      outcome = .failure(error)
    }
    state.withLock {
      $0.outcome = outcome
      $0.pieces = []
    }
    news.add(1)
  }

  /// - Returns: the bytes of the checkpoint; nil if it was cancelled.
  private func write() throws(FileError) -> Int? {
    // Even this may wait for a disk.
    let file = try CheckpointFile(in: directory.directory)
    var bytes = 0
    while true {
      switch next() {
      case .wait: work.take()
      case .cancel: return nil
      case .commit:
        try file.commit(in: directory.directory, as: target)
        return bytes
      case .write(let piece):
        try file.write(piece)
        bytes += piece.count
        state.withLock {
          $0.spare.append(piece)
          $0.underWay -= 1
        }
        news.add(1)
      }
    }
  }

  private func next() -> Step {
    state.withLock { state in
      if state.isCancelled { return .cancel }
      if !state.pieces.isEmpty { return .write(state.pieces.removeFirst()) }
      return state.isFinished ? .commit : .wait
    }
  }
}

/// An eventfd(2): one thread adds to it, another waits for it.
private struct EventCounter: ~Copyable, Sendable {
  private let descriptor: Descriptor
  var number: Int32 { descriptor.number }

  init(isBlocking: Bool, path: String) throws(FileError) {
    let flags = EFD_CLOEXEC | (isBlocking ? 0 : EFD_NONBLOCK)
    let number = try attempt("eventfd", path, try uninterrupted { eventfd(0, Int32(flags)) })
    descriptor = Descriptor(owning: number)
  }

  borrowing func add(_ count: UInt64) {
    var count = count
    // Fails only after 2^64 additions that were never read.
    _ = Glibc.write(number, &count, 8)
  }

  /// Resets it to 0; a blocking one first waits until it is above 0.
  borrowing func take() {
    var count: UInt64 = 0
    let number = number
    _ = try? uninterrupted { read(number, &count, 8) }
  }
}
