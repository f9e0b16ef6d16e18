import FoundationEssentials
import Glibc

/// A fresh directory, removed with its contents on deinit.
public final class Scratch: Sendable {
  /// Its path.
  public let path: String

  /// Creates it.
  public init() {
    path = "/tmp/anomalyd-test-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    precondition(mkdir(path, 0o700) == 0, "cannot make \(path)")
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in it.
  public func file(_ name: String) -> String { path + "/" + name }
}

/// The text of a file; empty if it cannot be read.
public func contents(_ path: String) -> String {
  guard let file = fopen(path, "r") else { return "" }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  while case let byte = getc(file), byte != EOF { bytes.append(UInt8(byte)) }
  return String(decoding: bytes, as: UTF8.self)
}

/// Appends text to a file, which is created if necessary.
public func write(_ text: String, atEndOf path: String) {
  guard let file = fopen(path, "a") else { return }
  fputs(text, file)
  fclose(file)
}
