import Calendar
import Glibc

/// The real `systemd-analyze calendar`.
enum SystemdAnalyze {
  struct Answer: Equatable, CustomStringConvertible {
    /// "Normalized form".
    var normalized: String
    /// Next elapses in UTC, `2026-03-29 01:00:00`, to the second.
    var elapses: [String]
    var description: String { "\(normalized): \(elapses.joined(separator: ", "))" }
  }

  /// The answers by expression; none for a rejected one.
  /// - Parameters:
  ///   - zone: the variable TZ, not UTC.
  ///   - base: `2026-03-28 12:00:00`, in UTC.
  static func calendar(
    _ expressions: [String], zone: String, base: String, iterations: Int
  ) -> [String: Answer] {
    let words = expressions.map { "'\($0)'" }.joined(separator: " ")
    let command =
      "LC_ALL=C TZ='\(zone)' SYSTEMD_COLORS=0 SYSTEMD_PAGER= systemd-analyze calendar "
      + "--iterations=\(iterations) --base-time='\(base) UTC' -- \(words) 2>/dev/null"
    var answers: [String: Answer] = [:]
    var original = ""
    // For an expression that is already normalized, no original form is printed.
    for line in output(of: command).split(separator: "\n", omittingEmptySubsequences: false) {
      if line.isEmpty { original = "" }
      guard let colon = line.firstRange(of: ": ") else { continue }
      let key = line[..<colon.lowerBound].drop { $0 == " " }
      let value = String(line[colon.upperBound...])
      switch key {
      case "Normalized form":
        if original.isEmpty { original = value }
        answers[original] = Answer(normalized: value, elapses: [])
      case "Original form": original = value
      case "(in UTC)":
        // "Sun 2026-03-29 01:00:00 UTC"
        answers[original]?.elapses.append(String(value.dropFirst(4).dropLast(4)))
      default: break
      }
    }
    return answers
  }
}

/// What a shell command prints.
func output(of command: String) -> String {
  guard let pipe = popen(command, "r") else { return "" }
  defer { pclose(pipe) }
  var bytes: [UInt8] = []
  while case let byte = getc(pipe), byte != EOF { bytes.append(UInt8(byte)) }
  return String(decoding: bytes, as: UTF8.self)
}

/// The rules of a zone from this host's files.
func zone(_ name: String) -> TimeZoneRules? {
  guard let file = fopen("/usr/share/zoneinfo/" + name, "r") else { return nil }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  while case let byte = getc(file), byte != EOF { bytes.append(UInt8(byte)) }
  return TimeZoneRules(name: name, zoneFile: bytes)
}
