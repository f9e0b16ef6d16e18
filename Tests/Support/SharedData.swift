import FoundationEssentials
public import Series

/// The directory of real series beside the project on its developers' machines.
public enum SharedData {
  /// The project's root, derived from this file.
  public static let projectRoot: String = {
    var parts = #filePath.split(separator: "/").map(String.init)
    parts.removeLast(3)
    return "/" + parts.joined(separator: "/")
  }()

  /// Path of `file` in the directory.
  public static func path(_ file: String) -> String { projectRoot + "/../shared/" + file }

  /// Whether `file` exists.
  public static func has(_ file: String) -> Bool {
    FileManager.default.fileExists(atPath: path(file))
  }

  /// The cells of a comma-separated file without quotes, its header dropped.
  public static func rows(_ file: String) throws -> [[Substring]] {
    let text = try String(contentsOfFile: path(file), encoding: .utf8)
    return text.split(separator: "\n").dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
  }

  /// A series whose rows begin with epoch seconds and a value.
  public static func series(_ file: String) throws -> [Sample] {
    try rows(file).map { row in
      Sample(
        timestamp: Timestamp(seconds: Double(row[0]) ?? .nan), value: Double(row[1]) ?? .nan)
    }
  }
}
