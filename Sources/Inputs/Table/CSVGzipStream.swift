import CSystemd
import Glibc
import System

/// The output of `gzip -dc` for a file, from beginning to end.
final class CSVGzipStream: CSVByteSource {
  private let path: String
  private let file: CSVFileHandle
  private let output: Descriptor
  private let complaints: Descriptor
  private let process: pid_t
  private var hasEnded = false

  /// Whether a file is compressed by gzip: by its name or by its first bytes.
  static func isNeeded(for file: CSVFileHandle, path: String) throws(CSVFileError) -> Bool {
    if path.hasSuffix(".gz") { return true }
    return try CSVCompression(of: file) == .gzip
  }

  /// Starts gzip on an open file.
  /// - Throws: ``CSVFileError/cannotDecompress(path:reason:)`` if gzip is not installed.
  init(of file: CSVFileHandle, path: String) throws(CSVFileError) {
    self.path = path
    self.file = file
    let output = try Pipe(for: path)
    let complaints = try Pipe(for: path)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, file.descriptor.number, STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, output.writing.number, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, complaints.writing.number, STDERR_FILENO)
    var words: [UnsafeMutablePointer<CChar>?] = [strdup("gzip"), strdup("-dc"), nil]
    var process = pid_t()
    let code = posix_spawnp(&process, "gzip", &actions, nil, &words, environ)
    posix_spawn_file_actions_destroy(&actions)
    for word in words { free(word) }
    guard code == 0 else {
      let reason = code == ENOENT ? "there is no program gzip" : Errno(code).description
      throw .cannotDecompress(path: path, reason: reason)
    }
    self.output = output.reading
    self.complaints = complaints.reading
    self.process = process
  }

  deinit {
    guard !hasEnded else { return }
    // Nobody reads its remaining output, and the pipe is closed only after this.
    kill(process, SIGKILL)
    CSVGzipStream.wait(for: process)
  }

  /// How much of the compressed file gzip has read: both share one file offset.
  var compressedBytesRead: Int { max(0, Int(lseek(file.descriptor.number, 0, SEEK_CUR))) }

  func read(
    into target: UnsafeMutableRawBufferPointer, at offset: Int, after known: UnsafeRawBufferPointer
  ) throws(CSVFileError) -> Int? {
    guard !hasEnded, !target.isEmpty else { return 0 }
    do throws(Errno) {
      let count = try output.read(into: target)
      if count > 0 { return count }
    } catch {
      throw .cannotRead(path: path, errno: error)
    }
    hasEnded = true
    let status = CSVGzipStream.wait(for: process)
    // 2 is a warning, such as of zeros after the compressed data.
    guard status != 0, status != 2 else { return 0 }
    throw .cannotDecompress(path: path, reason: complaint ?? "gzip ended with \(status)")
  }

  /// The first line that gzip wrote to its standard error.
  private var complaint: String? {
    var bytes = [UInt8](repeating: 0, count: 512)
    let count = Glibc.read(complaints.number, &bytes, bytes.count)
    let text = bytes.prefix(max(0, count)).drop { $0 == 0x0A }.prefix { $0 != 0x0A }
    guard !text.isEmpty else { return nil }
    let line = Excerpt.text(text, limit: 200)
    let head = "gzip: stdin: "
    return line.hasPrefix(head) ? String(line.dropFirst(head.count)) : line
  }

  /// - Returns: the exit code, or 128 plus the number of the signal that ended it.
  @discardableResult
  private static func wait(for process: pid_t) -> Int32 {
    var status: Int32 = 0
    guard (try? uninterrupted { waitpid(process, &status, 0) }) != nil else { return -1 }
    return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
  }
}

/// A pipe that other programs do not inherit.
private struct Pipe: ~Copyable {
  let reading: Descriptor
  let writing: Descriptor

  /// - Parameter path: the file that cannot be read without it.
  init(for path: String) throws(CSVFileError) {
    var ends: [Int32] = [-1, -1]
    guard pipe_close_on_exec(&ends) == 0 else { throw .cannotOpen(path: path, errno: .last) }
    reading = Descriptor(owning: ends[0])
    writing = Descriptor(owning: ends[1])
  }
}
