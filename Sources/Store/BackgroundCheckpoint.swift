import CSystemd
import Glibc
public import Series
import Synchronization

/// A checkpoint whose bytes are written by a separate thread, so that the loop that creates it
/// never waits for a disk.
///
/// The caller appends records while there is ``hasRoom``, then calls ``finish()``. Finished pieces
/// are passed to the thread, at most ``piecesUnderWay`` at a time; ``descriptor`` becomes readable
/// when it has written one, and when it has finished. The thread touches only these pieces and its
/// file.
public final class BackgroundCheckpoint {
  /// The size from which on a piece is handed over.
  public static let pieceBytes = 512 << 10
  /// The maximum number of pieces waiting or being written.
  public static let piecesUnderWay = 8

  /// Readable when the thread has made progress; then call ``acknowledge()``.
  public var descriptor: Int32 { exchange.news.raw }
  /// Records so far.
  public var records: Int { encoder.records }
  /// Bytes so far.
  public var bytes: Int { encoder.bytes }

  private let directory: StateDirectory
  private let exchange: Exchange
  private var encoder: CheckpointEncoder
  private var thread: pthread_t?

  /// Begins a checkpoint beside the existing ones.
  /// - Throws: ``StoreError/system(operation:path:errno:)`` if no thread can be created.
  init(directory: StateDirectory, at moment: Timestamp) throws(StoreError) {
    self.directory = directory
    exchange = try Exchange(directory)
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
      throw .system(operation: "pthread_create", path: directory.path, errno: result)
    }
    self.thread = thread
  }

  deinit { cancel() }

  /// Whether a record may be appended now: the thread is not too far behind, or it has failed and
  /// ignores further records.
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

  /// Completes the checkpoint: once the thread has written everything, it becomes the newest one.
  public func finish() {
    encoder.end()
    handOver()
    exchange.state.withLock { $0.isFinished = true }
    exchange.work.add(1)
  }

  /// The result; nil while the thread is working. The number is the size in bytes.
  public var outcome: Result<Int, StoreError>? {
    exchange.state.withLock { $0.outcome }
  }

  /// Acknowledges that ``descriptor`` is readable.
  public func acknowledge() { exchange.news.take() }

  /// Aborts the checkpoint and waits until the thread has ended, at most for the duration of one
  /// system call; harmless if it is already complete. If the thread was about to publish the
  /// checkpoint, it does so.
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

/// State shared by the caller's thread and the writing one.
private final class Exchange: Sendable {
  struct State {
    /// Pieces to be written, oldest first.
    var pieces: [[UInt8]] = []
    /// Buffers for reuse.
    var spare: [[UInt8]] = []
    /// Pieces that are not in the file yet.
    var underWay = 0
    var isFinished = false
    var isCancelled = false
    var outcome: Result<Int, StoreError>?
  }

  private enum Step {
    case write([UInt8])
    case commit
    case cancel
    case wait
  }

  let state = Mutex(State())
  /// Counts pieces to write.
  let work: EventCounter
  /// Counts progress.
  let news: EventCounter
  private let directory: Int32
  private let path: String

  /// - Parameter directory: stays open until the thread has ended.
  init(_ directory: StateDirectory) throws(StoreError) {
    self.directory = directory.directory.raw
    path = directory.path
    work = try EventCounter(isBlocking: true, path: path)
    news = try EventCounter(isBlocking: false, path: path)
  }

  /// The writing thread's main function.
  func run() {
    let file: CheckpointFile
    do throws(StoreError) {
      // Even this may wait for a disk.
      file = try CheckpointFile(in: directory, path: path)
    } catch {
      return end(.failure(error))
    }
    var bytes = 0
    while true {
      switch next() {
      case .wait: work.take()
      case .cancel:
        file.abandon()
        return end(nil)
      case .commit:
        return end(
          Result { () throws(StoreError) in
            try file.commit()
            return bytes
          })
      case .write(let piece):
        do throws(StoreError) {
          try file.write(piece)
        } catch {
          file.abandon()
          return end(.failure(error))
        }
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

  private func end(_ outcome: Result<Int, StoreError>?) {
    state.withLock {
      $0.outcome = outcome
      $0.pieces = []
    }
    news.add(1)
  }
}

/// An eventfd(2): one thread adds to it, another waits for it.
private struct EventCounter: ~Copyable, Sendable {
  let raw: Int32

  init(isBlocking: Bool, path: String) throws(StoreError) {
    let flags = EFD_CLOEXEC | (isBlocking ? 0 : EFD_NONBLOCK)
    raw = eventfd(0, Int32(flags))
    guard raw >= 0 else { throw .system(operation: "eventfd", path: path, errno: errno) }
  }

  deinit { close(raw) }

  borrowing func add(_ count: UInt64) {
    var count = count
    // Fails only if 2^64 were added without being read.
    _ = write(raw, &count, 8)
  }

  /// Resets it to 0; a blocking one waits until it is above that.
  borrowing func take() {
    var count: UInt64 = 0
    while read(raw, &count, 8) < 0, errno == EINTR {}
  }
}
