import Glibc
import System

/// What becomes of a checkpoint once it is complete.
enum CheckpointTarget: Sendable {
  /// The newest checkpoint; a snapshot of this name as well.
  case newest(snapshot: String?)
  /// Only a snapshot.
  case snapshot(String)
}

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

  /// Makes it the newest checkpoint of `directory`, and the newest the previous one; or a snapshot. When
  /// this returns, neither a crash nor a power failure undoes it; after an error all is as it was.
  consuming func commit(
    in directory: borrowing Directory, as target: CheckpointTarget = .newest(snapshot: nil)
  ) throws(FileError) {
    try file.synchronize()
    guard case .newest(let snapshot) = target else {
      if case .snapshot(let name) = target {
        try file.move(to: ModelLibrary.file(of: name), in: directory)
        try directory.synchronize()
      }
      return
    }
    if directory.has("checkpoint") {
      // Without hard links on the file system there is only the previous checkpoint for a moment,
      // which the reader accepts.
      if !directory.link("checkpoint", as: "checkpoint.old") {
        try directory.rename("checkpoint", to: "checkpoint.old")
      }
    }
    try file.move(to: "checkpoint", in: directory)
    if let snapshot, !directory.link("checkpoint", as: ModelLibrary.file(of: snapshot)) {
      throw FileError(operation: "link", path: directory.path(of: "checkpoint"), errno: .last)
    }
    try directory.synchronize()
  }
}
