import FoundationEssentials
import Glibc
import System

/// A directory of its own, removed at the end.
final class Scratch {
  let path = FileManager.default.temporaryDirectory.path + "/system-" + UUID().uuidString

  init() { mkdir(path, 0o755) }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in it.
  func file(_ name: String) -> String { path + "/" + name }

  /// The names in it, in order.
  var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }

  /// The text of a file in it.
  func text(_ name: String) throws -> String {
    String(
      decoding: try Descriptor(opening: file(name), O_RDONLY).readAll(atMost: 1 << 20),
      as: UTF8.self)
  }
}

/// The ends of a new pipe.
struct Pipe: ~Copyable {
  let reading: Descriptor
  let writing: Descriptor

  init() throws(Errno) {
    var ends: [Int32] = [0, 0]
    try uninterrupted { pipe(&ends) }
    reading = Descriptor(owning: ends[0])
    writing = Descriptor(owning: ends[1])
  }
}

/// These bytes: a literal alone would be one of integers.
func bytes(_ bytes: UInt8...) -> [UInt8] { bytes }

/// Whether a number is an open descriptor.
func isOpen(_ descriptor: Int32) -> Bool { fcntl(descriptor, F_GETFD) >= 0 }
