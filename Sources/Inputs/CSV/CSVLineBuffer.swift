import Glibc

/// A window on the bytes of a file that are not used up, cut at line ends.
///
/// Never longer than twice the longest line, whatever the file holds.
struct CSVLineBuffer {
  /// The window; meaningful from ``start`` to ``end``.
  private(set) var bytes: [UInt8] = []
  /// The first byte that is not used up.
  private(set) var start = 0
  /// Where the bytes at hand end.
  private(set) var end = 0
  /// Where in the file ``start`` lies.
  private(set) var offset = 0
  /// The number of the line there, from 1; nil when reading began in the middle.
  private(set) var line: Int? = 1
  private var mayHoldNUL = false

  /// Where in the file the next byte is to be read.
  var readOffset: Int { offset + end - start }

  /// Whether the bytes at hand are more than a line may have.
  var exceedsLine: Bool { end - start > CSVLimits.lineBytes }

  /// The last `count` bytes that were read.
  func newest(_ count: Int) -> ArraySlice<UInt8> { bytes[end - count..<end] }

  /// Forgets what is there and goes on elsewhere in the file.
  mutating func move(to offset: Int, line: Int?) {
    self.offset = offset
    self.line = line
    start = 0
    end = 0
    mayHoldNUL = false
  }

  /// Uses up the mark that some programs put before UTF-8, if the file begins with it.
  mutating func skipByteOrderMark() {
    guard offset == 0, end - start >= 3, bytes[start] == 0xEF, bytes[start + 1] == 0xBB,
      bytes[start + 2] == 0xBF
    else { return }
    consume(upTo: start + 3, lines: 0)
  }

  /// Reads more of the file, at most `limit` bytes.
  /// - Returns: how many bytes came; 0 at the end of the file.
  mutating func fill(from file: CSVFileHandle, limit: Int) throws(CSVFileError) -> Int {
    if bytes.isEmpty { bytes = [UInt8](repeating: 0, count: 2 * CSVLimits.lineBytes) }
    let kept = end - start
    if start > 0 {
      bytes.withUnsafeMutableBytes { window in
        _ = memmove(window.baseAddress!, window.baseAddress! + start, kept)
      }
      start = 0
      end = kept
    }
    let room = min(bytes.count - end, limit)
    let position = readOffset
    var error: CSVFileError?
    let (count, hasNUL) = bytes.withUnsafeMutableBytes { window in
      let target = UnsafeMutableRawBufferPointer(rebasing: window[end..<end + room])
      do throws(CSVFileError) {
        let count = try file.read(into: target, at: position)
        return (count, count > 0 && memchr(target.baseAddress!, 0, count) != nil)
      } catch let caught {
        error = caught
        return (0, false)
      }
    }
    if let error { throw error }
    end += count
    mayHoldNUL = (mayHoldNUL && kept > 0) || hasNUL
    return count
  }

  /// Where the next line end is, from `index` on.
  func newline(from index: Int) -> Int? {
    guard index < end else { return nil }
    return bytes.withUnsafeBytes { window in
      memchr(window.baseAddress! + index, 0x0A, end - index).map {
        UnsafeRawPointer($0) - window.baseAddress!
      }
    }
  }

  /// Whether there is a NUL byte; looked for only after one has been read.
  func holdsNUL(_ range: Range<Int>) -> Bool {
    guard mayHoldNUL, !range.isEmpty else { return false }
    return bytes.withUnsafeBytes { window in
      memchr(window.baseAddress! + range.lowerBound, 0, range.count) != nil
    }
  }

  /// The line at `index` without its line end, and where the next one begins.
  @inline(__always)
  func wholeLine(from index: Int, isFinal: Bool) -> (range: Range<Int>, next: Int)? {
    if let newline = newline(from: index) {
      let isCRLF = newline > index && bytes[newline - 1] == 0x0D
      return (index..<(isCRLF ? newline - 1 : newline), newline + 1)
    }
    guard isFinal, index < end else { return nil }
    return (index..<(bytes[end - 1] == 0x0D ? end - 1 : end), end)
  }

  /// Uses up the bytes before `next`, which hold `lines` line ends.
  mutating func consume(upTo next: Int, lines: Int) {
    offset += next - start
    start = next
    if let line { self.line = line + lines }
  }
}
