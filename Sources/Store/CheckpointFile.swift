import Glibc
import System

/// The file of a checkpoint that is being written, `checkpoint.new`. Unless it is committed, it is
/// removed when it goes out of scope, and the checkpoints before stay as they are.
struct CheckpointFile: ~Copyable, Sendable {
  private let file: ReplacementFile

  /// Creates it in a directory, which must stay open for longer than this value lives.
  init(in directory: borrowing Directory) throws(FileError) {
    file = try ReplacementFile("checkpoint.new", in: directory)
  }

  /// Writes bytes behind those before.
  borrowing func write(_ bytes: [UInt8]) throws(FileError) {
    try file.write(bytes.span.bytes)
  }

  /// Makes it the newest checkpoint of `directory`, and the newest the previous one. When this
  /// returns, neither a crash nor a power failure undoes it; after an error all is as it was.
  consuming func commit(in directory: borrowing Directory) throws(FileError) {
    try file.synchronize()
    if directory.has("checkpoint") {
      // Without hard links on the file system there is only the previous checkpoint for a moment,
      // which the reader accepts.
      if !directory.link("checkpoint", as: "checkpoint.old") {
        try directory.rename("checkpoint", to: "checkpoint.old")
      }
    }
    try file.move(to: "checkpoint", in: directory)
    try directory.synchronize()
  }
}
