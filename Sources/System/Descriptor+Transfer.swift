import CSystemd
import Glibc

extension Descriptor {
  /// Reads once.
  /// - Returns: the number of bytes read into `buffer`; 0 at the end.
  package borrowing func read(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
    let number = number
    return try uninterrupted { Glibc.read(number, buffer.baseAddress, buffer.count) }
  }

  /// Reads at `offset` until `buffer` is full or the file ends.
  /// - Returns: the number of bytes read.
  package borrowing func readAll(
    at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(Errno) -> Int {
    let number = number
    var filled = 0
    while filled < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
      let count = try uninterrupted {
        pread(number, rest.baseAddress, rest.count, off_t(offset + filled))
      }
      if count == 0 { break }
      filled += count
    }
    return filled
  }

  /// `count` bytes from `offset`, fewer at the end of the file.
  package borrowing func readAll(at offset: Int, count: Int) throws(Errno) -> [UInt8] {
    var outcome: Result<Int, Errno> = .success(0)
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      let room = UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: count)
      do throws(Errno) {
        filled = try readAll(at: offset, into: room)
      } catch {
        outcome = .failure(error)
      }
    }
    _ = try outcome.get()
    return bytes
  }

  /// The bytes from the current position to the end, but at most `limit`.
  package borrowing func readAll(atMost limit: Int) throws(Errno) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < limit {
      let room = min(limit - bytes.count, 1 << 16)
      let count = try withUnsafeTemporaryAllocation(byteCount: room, alignment: 1) {
        (chunk) throws(Errno) in
        let count = try read(into: chunk)
        bytes.append(contentsOf: chunk[..<count])
        return count
      }
      if count == 0 { break }
    }
    return bytes
  }

  /// Writes once.
  /// - Returns: the number of bytes written, 1...bytes.count.
  package borrowing func write(_ bytes: RawSpan) throws(Errno) -> Int {
    let number = number
    return try bytes.withUnsafeBytes { (bytes) throws(Errno) in
      let count = try uninterrupted { Glibc.write(number, bytes.baseAddress, bytes.count) }
      guard count > 0 else { throw Errno(ENOSPC) }
      return count
    }
  }

  /// Writes all of `bytes` at the current position, in as many calls as necessary.
  package borrowing func writeAll(_ bytes: RawSpan) throws(Errno) {
    try System.writeAll(bytes, to: number)
  }

  /// Writes all of `bytes` at `offset`, in as many calls as necessary.
  package borrowing func writeAll(_ bytes: RawSpan, at offset: Int) throws(Errno) {
    let number = number
    try transferAll(bytes) { rest, done in
      pwrite(number, rest.baseAddress, rest.count, off_t(offset + done))
    }
  }

  /// Reserves disk space for `bytes` bytes at `offset`, which may be beyond the end of the file:
  /// writing there then succeeds on a full disk. Truncating the file frees it.
  package borrowing func reserve(_ bytes: Int, at offset: Int) throws(Errno) {
    let number = number
    try uninterrupted { reserve_space(number, off_t(offset), off_t(bytes)) }
  }
}

/// Writes all of `bytes` to a descriptor with another owner, in as many calls as necessary.
/// - Throws: EAGAIN if it is non-blocking and accepts no more; some of the bytes have then been
///   written.
package func writeAll(_ bytes: RawSpan, to descriptor: Int32) throws(Errno) {
  try transferAll(bytes) { rest, _ in write(descriptor, rest.baseAddress, rest.count) }
}

/// - Parameter call: writes a prefix of the remaining bytes, given how many bytes have been
///   written.
private func transferAll(
  _ bytes: RawSpan, _ call: (UnsafeRawBufferPointer, Int) -> Int
) throws(Errno) {
  try bytes.withUnsafeBytes { (bytes) throws(Errno) in
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let count = try uninterrupted { call(rest, done) }
      // Otherwise a device that accepts nothing and reports no error would loop forever.
      guard count > 0 else { throw Errno(ENOSPC) }
      done += count
    }
  }
}
