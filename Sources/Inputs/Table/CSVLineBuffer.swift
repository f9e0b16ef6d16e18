import Glibc

/// A window of unconsumed bytes of a file, split at line ends.
///
/// Never longer than twice the longest line, whatever the file contains. Between two polls it
/// shrinks to some of the bytes before ``offset`` and the unfinished line, so that many files share
/// one large window. The bytes before ``offset`` show at the next read whether the file is still
/// the one that was read.
struct CSVLineBuffer {
  /// The window; valid from ``start`` to ``end``.
  private(set) var bytes: [UInt8] = []
  /// The first byte that is not consumed.
  private(set) var start = 0
  /// Where the buffered bytes end.
  private(set) var end = 0
  /// Offset of ``start`` in the file.
  private(set) var offset = 0
  /// The number of the line there, from 1; nil if reading began in the middle.
  private(set) var line: Int? = 1
  /// The line end: LF, or CR if there is no LF.
  var lineEnd: UInt8 = 0x0A
  private var mayHoldNUL = false

  /// A large window, to be passed to ``attach(_:)``.
  static func makeWindow() -> [UInt8] {
    [UInt8](repeating: 0, count: 2 * CSVLimits.lineBytes + CSVLimits.tailBytes)
  }

  /// Offset in the file of the next byte to be read.
  var readOffset: Int { offset + end - start }

  /// Whether the buffered bytes exceed the longest line.
  var exceedsLine: Bool { end - start > CSVLimits.lineBytes }

  /// The consumed bytes that are still buffered, and the offset in the file where they begin.
  var usedUp: (bytes: ArraySlice<UInt8>, offset: Int) { (bytes[..<start], offset - start) }

  /// The last bytes before ``offset``, at most ``CSVLimits/tailBytes``.
  var tail: ArraySlice<UInt8> { bytes[max(0, start - CSVLimits.tailBytes)..<start] }

  /// Borrows a large window to read into.
  mutating func attach(_ window: inout [UInt8]) {
    for index in 0..<end { window[index] = bytes[index] }
    swap(&bytes, &window)
  }

  /// Returns the large window and keeps the bytes needed to resume.
  mutating func detach(_ window: inout [UInt8]) {
    // A long unfinished line is read again at the next poll.
    if end - start > CSVLimits.restBytes { end = start }
    let first = max(0, start - CSVLimits.tailBytes)
    window.removeAll(keepingCapacity: true)
    window.append(contentsOf: bytes[first..<end])
    swap(&bytes, &window)
    start -= first
    end -= first
  }

  /// Discards the buffer and continues elsewhere in the file.
  /// - Parameter tail: the last bytes before `offset`, at most ``CSVLimits/tailBytes``.
  mutating func move(to offset: Int, line: Int?, tail: some Collection<UInt8>) {
    self.offset = offset
    self.line = line
    if bytes.count < tail.count { bytes = [UInt8](tail) }
    for (index, byte) in tail.enumerated() { bytes[index] = byte }
    start = tail.count
    end = tail.count
    mayHoldNUL = false
  }

  /// Consumes the byte order mark that some programs put before UTF-8, if the file begins with it.
  mutating func skipByteOrderMark() {
    guard offset == 0, end - start >= 3, bytes[start] == 0xEF, bytes[start + 1] == 0xBB,
      bytes[start + 2] == 0xBF
    else { return }
    consume(upTo: start + 3, lines: 0)
  }

  /// Whether the file begins like UTF-16: with its byte order mark, or with ASCII in it.
  var isUTF16: Bool {
    guard offset == 0, end - start >= 4 else { return false }
    let first = (0..<4).map { bytes[start + $0] }
    if first.starts(with: [0xFF, 0xFE]) || first.starts(with: [0xFE, 0xFF]) { return true }
    let zeros = first.map { $0 == 0 }
    return zeros == [false, true, false, true] || zeros == [true, false, true, false]
  }

  /// Chooses CR as the line end if the buffered bytes contain several but no LF.
  mutating func detectLineEnd(isFinal: Bool) {
    lineEnd = 0x0A
    guard newline(from: start) == nil else { return }
    lineEnd = 0x0D
    // The LF after a first CR may not be written yet.
    guard let first = newline(from: start), isFinal || newline(from: first + 1) != nil else {
      lineEnd = 0x0A
      return
    }
  }

  /// Reads more of the file, at most `limit` bytes; needs a window.
  /// - Returns: the number of bytes read, 0 at the end of the file; nil if the file no longer
  ///   contains the bytes that were read before.
  mutating func fill(from source: some CSVByteSource, limit: Int) throws(CSVFileError) -> Int? {
    let kept = end - start
    let first = max(0, start - CSVLimits.tailBytes)
    if first > 0 {
      bytes.withUnsafeMutableBytes { window in
        let base = window.baseAddress!
        _ = memmove(base, base + first, start - first + kept)
      }
      start -= first
      end -= first
    }
    let room = min(bytes.count - end, limit)
    let position = readOffset
    let known = end - min(end, CSVLimits.tailBytes)..<end
    var error: CSVFileError?
    let (count, hasNUL) = bytes.withUnsafeMutableBytes { window -> (Int?, Bool) in
      let target = UnsafeMutableRawBufferPointer(rebasing: window[end..<end + room])
      do throws(CSVFileError) {
        let count = try source.read(
          into: target,
          at: position,
          after: UnsafeRawBufferPointer(rebasing: window[known])
        )
        guard let count, count > 0 else { return (count, false) }
        return (count, memchr(target.baseAddress!, 0, count) != nil)
      } catch let caught {
        error = caught
        return (0, false)
      }
    }
    if let error { throw error }
    guard let count else { return nil }
    end += count
    mayHoldNUL = (mayHoldNUL && kept > 0) || hasNUL
    return count
  }

  /// Offset of the next line end from `index` on.
  func newline(from index: Int) -> Int? {
    guard index < end else { return nil }
    return bytes.withUnsafeBytes { window in
      memchr(window.baseAddress! + index, Int32(lineEnd), end - index).map {
        UnsafeRawPointer($0) - window.baseAddress!
      }
    }
  }

  /// Whether all of `range` is NUL bytes, as in a hole of a sparse file.
  func isHole(_ range: Range<Int>) -> Bool {
    guard mayHoldNUL, !range.isEmpty, bytes[range.lowerBound] == 0 else { return false }
    return bytes.withUnsafeBytes { window in
      let first = window.baseAddress! + range.lowerBound
      return memcmp(first, first + 1, range.count - 1) == 0
    }
  }

  /// The first byte of `range` that is not NUL, if its first byte is; nil if there is none.
  func firstText(in range: Range<Int>) -> Int? {
    guard mayHoldNUL, !range.isEmpty, bytes[range.lowerBound] == 0 else {
      return range.isEmpty ? nil : range.lowerBound
    }
    return bytes[range].firstIndex { $0 != 0 }
  }

  /// Whether there is a NUL byte; scanned for only after one has been read.
  func holdsNUL(_ range: Range<Int>) -> Bool {
    guard mayHoldNUL, !range.isEmpty else { return false }
    return bytes.withUnsafeBytes { window in
      memchr(window.baseAddress! + range.lowerBound, 0, range.count) != nil
    }
  }

  /// The line at `index` without its line end, and the offset of the next one.
  @inline(__always)
  func wholeLine(from index: Int, isFinal: Bool) -> (range: Range<Int>, next: Int)? {
    if let newline = newline(from: index) {
      let isCRLF = newline > index && bytes[newline - 1] == 0x0D
      return (index..<(isCRLF ? newline - 1 : newline), newline + 1)
    }
    guard isFinal, index < end else { return nil }
    return (index..<(bytes[end - 1] == 0x0D ? end - 1 : end), end)
  }

  /// Consumes the bytes before `next`, which hold `lines` line ends.
  mutating func consume(upTo next: Int, lines: Int) {
    offset += next - start
    start = next
    if let line { self.line = line + lines }
  }
}

/// The source of a table's bytes.
protocol CSVByteSource {
  /// Reads from `offset` on; returns 0 bytes only at the end.
  /// - Parameter known: bytes that were read before and end at `offset`.
  /// - Returns: the number of bytes read; nil if the bytes before them are no longer `known`.
  func read(
    into target: UnsafeMutableRawBufferPointer, at offset: Int, after known: UnsafeRawBufferPointer
  ) throws(CSVFileError) -> Int?
}
