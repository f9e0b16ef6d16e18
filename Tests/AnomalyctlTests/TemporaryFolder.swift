import FoundationEssentials

/// A directory for one test, removed with it.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/anomalyctl-tests-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Writes a file, with its parent directories, and returns its path.
  @discardableResult func write(_ text: String, to name: String) throws -> String {
    let url = URL(filePath: path + "/" + name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
    return url.path
  }

  /// The lines of a file.
  func lines(of name: String) throws -> [String] {
    let text = String(
      decoding: try Data(contentsOf: URL(filePath: path + "/" + name)), as: UTF8.self)
    return text.split(separator: "\n").map(String.init)
  }
}
