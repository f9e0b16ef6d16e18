import CSystemd
import Glibc

/// The output of `gzip -dc` for a file, from beginning to end.
final class CSVGzipStream: CSVByteSource {
  private let path: String
  private let file: CSVFileHandle
  private let output: Int32
  private let complaints: Int32
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
    var output: [Int32] = [-1, -1]
    var complaints: [Int32] = [-1, -1]
    guard pipe_close_on_exec(&output) == 0 else { throw .cannotOpen(path: path, errno: errno) }
    guard pipe_close_on_exec(&complaints) == 0 else {
      let code = errno
      for end in output { close(end) }
      throw .cannotOpen(path: path, errno: code)
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, file.descriptor, STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, complaints[1], STDERR_FILENO)
    var words: [UnsafeMutablePointer<CChar>?] = [strdup("gzip"), strdup("-dc"), nil]
    var process = pid_t()
    let code = posix_spawnp(&process, "gzip", &actions, nil, &words, environ)
    posix_spawn_file_actions_destroy(&actions)
    for word in words { free(word) }
    close(output[1])
    close(complaints[1])
    guard code == 0 else {
      close(output[0])
      close(complaints[0])
      let reason = code == ENOENT ? "there is no program gzip" : String(cString: strerror(code))
      throw .cannotDecompress(path: path, reason: reason)
    }
    self.output = output[0]
    self.complaints = complaints[0]
    self.process = process
  }

  deinit {
    // Without a reader it ends at its next write.
    close(output)
    close(complaints)
    if !hasEnded { CSVGzipStream.wait(for: process) }
  }

  /// How much of the compressed file gzip has read: both share one file offset.
  var compressedBytesRead: Int { max(0, Int(lseek(file.descriptor, 0, SEEK_CUR))) }

  func read(
    into target: UnsafeMutableRawBufferPointer, at offset: Int, after known: UnsafeRawBufferPointer
  ) throws(CSVFileError) -> Int? {
    guard !hasEnded, !target.isEmpty else { return 0 }
    while true {
      let count = Glibc.read(output, target.baseAddress, target.count)
      if count > 0 { return count }
      if count == 0 { break }
      guard errno == EINTR else { throw .cannotRead(path: path, errno: errno) }
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
    let count = Glibc.read(complaints, &bytes, bytes.count)
    let text = bytes.prefix(max(0, count)).drop { $0 == 0x0A }.prefix { $0 != 0x0A }
    guard !text.isEmpty else { return nil }
    let line = CSVLine.shown(Array(text).span, 0..<text.count, limit: 200)
    let head = "gzip: stdin: "
    return line.hasPrefix(head) ? String(line.dropFirst(head.count)) : line
  }

  /// - Returns: the exit code, or 128 plus the number of the signal that ended it.
  @discardableResult
  private static func wait(for process: pid_t) -> Int32 {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 {
      guard errno == EINTR else { return -1 }
    }
    return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
  }
}
