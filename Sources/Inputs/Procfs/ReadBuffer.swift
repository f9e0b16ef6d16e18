internal import Glibc
internal import System

/// The only buffer that files are read into, one after the other.
final class ReadBuffer {
  /// Maximum number of bytes read of one file: enough for /proc/stat of a machine with 2,000
  /// processors and 300 lines of /proc/interrupts of one with 500. Memory is allocated as needed.
  static let limit = 2 * 1024 * 1024

  /// Whether the last file was longer than ``limit``.
  private(set) var isFull = false
  private var storage = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 * 1024, alignment: 16)

  deinit {
    storage.deallocate()
  }

  /// Reads a file from its start; if it is too long, the whole lines that fit.
  ///
  /// A read of a /proc file returns a page or so at a time: only 0 bytes mean the end.
  func fill(from descriptor: Int32) throws(Errno) -> UnsafeRawBufferPointer {
    var count = 0
    isFull = false
    while true {
      if count == storage.count, !grow() {
        isFull = true
        break
      }
      let free = UnsafeMutableRawBufferPointer(rebasing: storage[count...])
      let received = try uninterrupted {
        pread(descriptor, free.baseAddress, free.count, off_t(count))
      }
      if received == 0 { break }
      count += received
    }
    var text = UnsafeRawBufferPointer(rebasing: storage[..<count])
    if isFull, let newline = text.lastIndex(of: 0x0A) {
      text = UnsafeRawBufferPointer(rebasing: text[...newline])
    }
    return text
  }

  private func grow() -> Bool {
    guard storage.count < ReadBuffer.limit else { return false }
    let larger = UnsafeMutableRawBufferPointer.allocate(
      byteCount: min(storage.count * 2, ReadBuffer.limit),
      alignment: 16
    )
    larger.copyMemory(from: UnsafeRawBufferPointer(storage))
    storage.deallocate()
    storage = larger
    return true
  }
}
