import CSystemd
import Glibc
public import Series
import Synchronization

/// A checkpoint whose bytes a thread of its own writes, so that a loop that makes it never waits for
/// a disk.
///
/// The caller appends records while there is ``hasRoom``, then calls ``finish()``. Finished pieces go
/// over to the thread, at most ``piecesUnderWay`` at a time; ``descriptor`` becomes readable when it
/// has taken one, and when all is over. The thread touches nothing but these pieces and its file.
public final class BackgroundCheckpoint {
  /// Bytes from which on a piece is handed over.
  public static let pieceBytes = 512 << 10
  /// The most pieces that wait or are being written.
  public static let piecesUnderWay = 8

  /// Readable when the thread has done something; call ``acknowledge()`` then.
  public var descriptor: Int32 { exchange.news.raw }
  /// Records so far.
  public var records: Int { encoder.records }
  /// Bytes so far.
  public var bytes: Int { encoder.bytes }

  private let directory: StateDirectory
  private let exchange: Exchange
  private var encoder: CheckpointEncoder
  private var thread: pthread_t?

  /// Begins one beside those that are there.
  /// - Throws: ``StoreError/system(operation:path:errno:)`` where there can be no thread.
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

  /// Whether a record may be appended now: the thread is not too far behind, or has failed and takes
  /// nothing any more.
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

  /// Ends the checkpoint: when the thread has written it all, it becomes the newest one.
  public func finish() {
    encoder.end()
    handOver()
    exchange.state.withLock { $0.isFinished = true }
    exchange.work.add(1)
  }

  /// What came of it; nil while the thread is at work. The number is that of the bytes.
  public var outcome: Result<Int, StoreError>? {
    exchange.state.withLock { $0.outcome }
  }

  /// Takes note that ``descriptor`` is readable.
  public func acknowledge() { exchange.news.take() }

  /// Gives the checkpoint up and waits until the thread has ended, for as long as the one call takes
  /// in which it is; harmless when all is over. Where the thread was about to put the checkpoint in
  /// its place, it has done so.
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

/// What the caller's thread and the writing one share.
private final class Exchange: Sendable {
  struct State {
    /// Pieces to be written, oldest first.
    var pieces: [[UInt8]] = []
    /// Buffers to be used again.
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
  /// Counts what there is to do.
  let work: EventCounter
  /// Counts what has been done.
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

  /// The writing thread, from its beginning to its end.
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

/// An eventfd(2): what one thread adds, another one waits for.
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
    // It fails only where 2^64 were added and nobody took any.
    _ = write(raw, &count, 8)
  }

  /// Sets it back to 0; a blocking one waits until it is above that.
  borrowing func take() {
    var count: UInt64 = 0
    while read(raw, &count, 8) < 0, errno == EINTR {}
  }
}
