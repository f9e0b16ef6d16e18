public import Detection
public import Series

/// Appends events to a file, one JSON object a line.
///
/// While the file cannot be written (disk full, directory missing), lines wait in a bounded queue
/// and are written later in order; a line that went in by half is completed first, so that no
/// reader sees a torn line in the middle of the file.
public final class FileOutput: Output {
  /// The name of its configuration section.
  public let name: String
  /// Where the file is.
  public let path: String
  /// How it is doing.
  public private(set) var health = OutputHealth()

  private let clock: () -> Timestamp
  private var queue: OutputQueue
  /// Bytes of the oldest waiting line that are in the file already.
  private var written = 0
  private var file: AppendFile?
  private var isFailing = false
  private var notices: [Notice] = []

  /// An output to the file at `path`; opened, and made if need be, at the first event.
  /// - Parameters:
  ///   - maximumWaiting: lines that wait while the file cannot be written, >= 1.
  ///   - maximumWaitingBytes: bytes that they may have together.
  ///   - clock: the time of day, for ``OutputHealth/lastErrorAt``.
  public init(
    name: String,
    path: String,
    maximumWaiting: Int = 10_000,
    maximumWaitingBytes: Int = 4 << 20,
    clock: @escaping () -> Timestamp
  ) {
    precondition(maximumWaiting >= 1, "a file output needs room for one line")
    self.name = name
    self.path = path
    self.clock = clock
    queue = OutputQueue(maximumEntries: maximumWaiting, maximumBytes: maximumWaitingBytes)
  }

  /// Writes the transition, after what still waits.
  public func emit(_ transition: EventTransition) {
    do throws(EventJSONError) {
      enqueue(Array((try EventJSON(transition).line() + "\n").utf8))
    } catch {
      health.dropped += 1
      fail(error.description)
    }
    flush()
  }

  /// Writes what waits, until the file takes no more.
  public func flush() {
    guard !queue.isEmpty else { return }
    letGoIfRotated()
    let before = health.delivered
    do throws(AppendFileError) {
      while let line = queue.first {
        try openIfNeeded()
        written += try file?.append(line[written...]) ?? 0
        guard written == line.count else { continue }
        queue.removeFirst()
        written = 0
        health.delivered += 1
      }
      if isFailing {
        isFailing = false
        notices.append(
          Notice(
            .info,
            "output \(name): \(path) can be written again, "
              + "\(health.delivered - before) waiting lines written"
          )
        )
      }
    } catch {
      fail(error)
    }
    health.waiting = queue.count
  }

  /// Opens the file anew if its name stands for another one now, so that a rotated one can be
  /// put away.
  public func reopen() {
    flush()
    letGoIfRotated()
    do throws(AppendFileError) {
      try openIfNeeded()
    } catch {
      fail(error)
    }
  }

  /// The lines that wait.
  public var unsaved: Int { queue.count }

  /// What a person should hear of.
  public func drainNotices() -> [Notice] {
    defer { notices = [] }
    return notices
  }

  private func openIfNeeded() throws(AppendFileError) {
    guard file == nil else { return }
    let opened = try AppendFile(path: path)
    // What a crash or another program left unfinished must not swallow our first line.
    if opened.endsInsideLine { _ = try opened.append([10]) }
    file = consume opened
  }

  /// A line that is in a rotated file by half is written in full to the new one.
  private func letGoIfRotated() {
    guard let isNamed = file?.isNamed(path), !isNamed else { return }
    file = nil
    written = 0
  }

  private func enqueue(_ line: [UInt8]) {
    let dropped = queue.append(line, keepingFirst: written > 0)
    guard dropped > 0 else { return }
    if health.dropped == 0 {
      notices.append(
        Notice(
          .warning,
          "output \(name): the queue of \(queue.maximumEntries) lines or "
            + "\(queue.maximumBytes) bytes for \(path) is full; dropping the oldest, "
            + "the count is in the status"
        )
      )
    }
    health.dropped += dropped
  }

  private func fail(_ error: AppendFileError) {
    fail("\(path) cannot be \(error.operation.rawValue): \(errorText(error.number))")
  }

  private func fail(_ cause: String) {
    health.failures += 1
    health.lastError = cause
    health.lastErrorAt = clock()
    guard !isFailing else { return }
    isFailing = true
    notices.append(
      Notice(.warning, "output \(name): \(cause); lines wait and are written later")
    )
  }
}
