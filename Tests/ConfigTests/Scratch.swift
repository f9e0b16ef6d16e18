import Config
import Daemon
import FoundationEssentials

/// A root directory of its own, removed at the end.
final class Scratch {
  let root = FileManager.default.temporaryDirectory.path + "/settings-" + UUID().uuidString

  init(_ files: [String: String] = [:]) throws {
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    for (path, text) in files { try write(path, Array(text.utf8)) }
  }

  deinit {
    try? FileManager.default.removeItem(atPath: root)
  }

  /// Writes a file under the root, with its directories.
  func write(_ path: String, _ bytes: [UInt8]) throws {
    let directory = root + "/" + path.split(separator: "/").dropLast().joined(separator: "/")
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(filePath: root + "/" + path))
  }

  /// The settings under the root.
  func load(environment: [String: String] = [:]) throws(SettingsErrors) -> Settings {
    try Settings.load(.all, root: root, environment: environment)
  }

  /// The settings of one main file.
  static func load(_ text: String) throws -> Settings {
    try Scratch(["etc/anomalyd/anomalyd.conf": text]).load()
  }

  /// The errors of one main file, without the root; empty if it is valid.
  static func errors(_ text: String) throws -> [SettingsError] {
    try Scratch(["etc/anomalyd/anomalyd.conf": text]).errors()
  }

  /// The errors, without the root; empty if all is valid.
  func errors() -> [SettingsError] {
    do {
      _ = try load()
      return []
    } catch {
      return error.errors.map {
        var error = $0
        error.file = String(error.file.dropFirst(root.count))
        return error
      }
    }
  }
}
