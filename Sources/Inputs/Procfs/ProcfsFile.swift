internal import Glibc
internal import Series
package import System

/// One file below /proc: kept open, read from its start at every poll, each fault reported once.
final class ProcfsFile {
  /// Whether its absence is a fault.
  enum Presence {
    case required
    /// A kernel may lack it: ``ProcfsFile/isAbsent`` is set, nothing is reported.
    case optional
    /// It belongs to something that comes and goes, or sleeps at times: any read error, and an
    /// empty file, count as absence. Running out of descriptors or memory does not.
    case fleeting
  }

  /// How long a file must be free of faults before its next fault is reported again.
  private static let peace: Duration = .seconds(3600)

  let path: String
  /// Whether it did not exist when it was last read; only for optional files.
  private(set) var isAbsent = false

  private let pathBytes: [CChar]
  private let presence: Presence
  private var descriptor: Descriptor?
  private var lastFaultAt: Duration?

  init(_ path: String, below root: String, _ presence: Presence = .required) {
    self.path = root.hasSuffix("/") ? root + path : root + "/" + path
    self.pathBytes = self.path.utf8.map { CChar(truncatingIfNeeded: $0) } + [0]
    self.presence = presence
  }

  /// The file's text now, valid until the next file is read; nil if there is none, with the fault
  /// counted and reported.
  func read(_ tick: ProcfsTick) -> UnsafeRawBufferPointer? {
    do throws(ProcfsFault) {
      isAbsent = false
      let bytes = try readReopening(into: tick.buffer)
      if tick.buffer.isFull {
        report(.tooLong(file: path, limitBytes: ReadBuffer.limit), count: 1, tick)
      }
      return bytes
    } catch {
      isAbsent = isAbsence(error)
      if !isAbsent { report(error, count: 1, tick) }
      return nil
    }
  }

  private func isAbsence(_ fault: ProcfsFault) -> Bool {
    switch (presence, fault) {
    case (.required, _): false
    case (.optional, .unreadable(_, ENOENT)), (.optional, .unreadable(_, EOPNOTSUPP)): true
    case (.optional, _): false
    case (.fleeting, .unreadable(_, let errno)): ![EMFILE, ENFILE, ENOMEM].contains(errno.code)
    case (.fleeting, _): true
    }
  }

  /// The first line as text, without surrounding white space; nil if there is none.
  func firstLine(_ tick: ProcfsTick) -> String? {
    guard let bytes = read(tick) else { return nil }
    let line = String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
    let words = line.split { $0.isWhitespace }
    return words.isEmpty ? nil : words.joined(separator: " ")
  }

  /// Counts and reports the complaints of a parser.
  func report(_ complaints: Complaints, _ tick: ProcfsTick) {
    guard let first = complaints.first else { return }
    report(
      .notUnderstood(file: path, first, count: complaints.count),
      count: complaints.count,
      tick
    )
  }

  private func report(_ fault: ProcfsFault, count: Int, _ tick: ProcfsTick) {
    let isNew = lastFaultAt.map { tick.instant - $0 > ProcfsFile.peace } ?? true
    lastFaultAt = tick.instant
    tick.record(fault, count: count, isNew: isNew)
  }

  /// A descriptor opened earlier may have gone stale (a remounted or FUSE-backed /proc): on any
  /// error the file is reopened, once.
  private func readReopening(
    into buffer: ReadBuffer
  ) throws(ProcfsFault) -> UnsafeRawBufferPointer {
    if let number = descriptor?.number {
      if let bytes = try? buffer.fill(from: number), !bytes.isEmpty { return bytes }
      descriptor = nil
    }
    let bytes: UnsafeRawBufferPointer
    do throws(Errno) {
      let opened = try Descriptor(opening: pathBytes, O_RDONLY)
      bytes = try buffer.fill(from: opened.number)
      if !bytes.isEmpty { descriptor = consume opened }
    } catch {
      throw .unreadable(file: path, errno: error)
    }
    guard !bytes.isEmpty else { throw .empty(file: path) }
    return bytes
  }
}

/// The parsed values of one file.
package protocol ProcfsReading {
  /// Overwrites all values from `bytes`, the whole text of the file, and keeps no reference to it.
  /// A missing or malformed value is nil afterwards.
  mutating func parse(_ bytes: UnsafeRawBufferPointer, _ complaints: inout Complaints)
}

/// A file that is read and parsed once per poll, however many collectors use it.
final class ProcfsSource<Reading: ProcfsReading> {
  private let file: ProcfsFile
  private var reading: Reading
  private var isValid = false
  private var poll = 0

  init(_ file: ProcfsFile, _ empty: Reading) {
    self.file = file
    reading = empty
  }

  /// The file's path.
  var path: String { file.path }

  /// Whether this kernel does not have the file; only for optional ones.
  var isAbsent: Bool { file.isAbsent }

  /// The file's values at this poll; nil if it cannot be read.
  func reading(_ tick: ProcfsTick) -> Reading? {
    if poll != tick.number {
      poll = tick.number
      isValid = false
      if let bytes = file.read(tick) {
        var complaints = Complaints()
        reading.parse(bytes, &complaints)
        file.report(complaints, tick)
        isValid = true
      }
    }
    return isValid ? reading : nil
  }
}

/// Why a file yielded nothing, or less than it should.
package enum ProcfsFault: Error, Equatable, CustomStringConvertible {
  /// It cannot be opened or read.
  case unreadable(file: String, errno: Errno)
  /// It is empty.
  case empty(file: String)
  /// It is longer than the read limit.
  case tooLong(file: String, limitBytes: Int)
  /// Some of its lines were malformed.
  case notUnderstood(file: String, Complaints.Complaint, count: Int)

  /// Location, what was expected, what was found, and what happens next.
  package var description: String {
    switch self {
    case .unreadable(let file, let errno):
      "\(file): expected a readable file, found \"\(errno)\"; its metrics pause until a retry "
        + "succeeds"
    case .empty(let file):
      "\(file): expected text, found nothing; its metrics pause until a retry succeeds"
    case .tooLong(let file, let limitBytes):
      "\(file): expected at most \(limitBytes) bytes, found more; the rest is not read"
    case .notUnderstood(let file, .malformed(let line, let expected, let found), let count):
      "\(file), line \(line): expected \(expected), found \"\(found)\"\(more(count)); "
        + "the line is skipped, all others are used"
    case .notUnderstood(let file, .missing(let expected), let count):
      "\(file): expected \(expected), found none\(more(count)); its metrics pause, "
        + "all others continue"
    }
  }

  private func more(_ count: Int) -> String {
    count > 1 ? " (and \(count - 1) more like it)" : ""
  }
}
