internal import Glibc
internal import Series
internal import System

/// One file below /proc: kept open, read from its start at every poll, its faults told once.
final class ProcfsFile {
  /// Whether its absence is a fault.
  enum Presence {
    case required
    /// Kernels without it are in order: ``ProcfsFile/isAbsent`` says so, nobody is told.
    case optional
    /// It belongs to something that comes and goes, and sleeps at times: whatever it says to being
    /// read, and no text at all, is absence. A want of descriptors or memory is not.
    case fleeting
  }

  /// How long a file must have been in order before its next fault is told again.
  private static let peace: Duration = .seconds(3600)

  let path: String
  /// Whether the kernel did not have it when it was read last; only for optional files.
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

  /// The file's text now, valid until the next file is read; nil, with the fault counted and told,
  /// when there is none.
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

  /// The first line as text, without white space around it; nil where there is none.
  func firstLine(_ tick: ProcfsTick) -> String? {
    guard let bytes = read(tick) else { return nil }
    let line = String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
    let words = line.split { $0.isWhitespace }
    return words.isEmpty ? nil : words.joined(separator: " ")
  }

  /// Counts and tells what a parser did not understand.
  func report(_ complaints: Complaints, _ tick: ProcfsTick) {
    guard let first = complaints.first else { return }
    report(
      .notUnderstood(file: path, first, count: complaints.count),
      count: complaints.count,
      tick
    )
  }

  private func report(_ fault: ProcfsFault, count: Int, _ tick: ProcfsTick) {
    let isNews = lastFaultAt.map { tick.instant - $0 > ProcfsFile.peace } ?? true
    lastFaultAt = tick.instant
    tick.record(fault, count: count, isNews: isNews)
  }

  /// A descriptor that was open before may have gone stale (a remounted or FUSE-backed /proc):
  /// on any error the file is opened anew, once.
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
