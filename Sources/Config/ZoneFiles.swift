public import Calendar
import Glibc
import System

/// The time zones of this host, tzfile(5).
public enum ZoneFiles {
  static let directory = "/usr/share/zoneinfo"
  private static let maximumBytes = 1 << 20

  /// The rules of a zone by its IANA name, such as `Europe/Berlin`; nil if there is none.
  @Sendable public static func rules(named name: String) -> TimeZoneRules? {
    let isName =
      (1...255).contains(name.utf8.count) && !name.hasPrefix("/") && !name.hasSuffix("/")
      && !name.contains("//")
      && name.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2D, 0x2F, 0x5F: true
        default: false
        }
      }
    guard isName, name.utf8.contains(where: { (0x41...0x7A).contains($0) }) else { return nil }
    return rules(name: name, file: directory + "/" + name)
  }

  /// `UTC`, `local`, or a zone by its IANA name; nil for anything else.
  /// - Parameter environment: looks up a variable, nil if it is not set.
  public static func rules(
    of word: String, environment: (String) -> String?
  ) -> TimeZoneRules? {
    switch word {
    case "UTC": .utc
    case "local": local(environment: environment)
    default: rules(named: word)
    }
  }

  /// Local time: the variable TZ, tzset(3), otherwise /etc/localtime, otherwise UTC.
  /// - Parameter environment: looks up a variable, nil if it is not set.
  public static func local(
    environment: (String) -> String?,
    file: String = "/etc/localtime"
  ) -> TimeZoneRules {
    guard let variable = environment("TZ") else { return rules(name: "local", file: file) ?? .utc }
    let text = variable.hasPrefix(":") ? String(variable.dropFirst()) : variable
    if text.hasPrefix("/") { return rules(name: text, file: text) ?? .utc }
    return rules(named: text) ?? TimeZoneRules(rule: text) ?? .utc
  }

  private static func rules(name: String, file: String) -> TimeZoneRules? {
    guard let file = try? Descriptor(opening: file, O_RDONLY | O_NONBLOCK),
      let bytes = try? file.readAll(atMost: maximumBytes + 1), bytes.count <= maximumBytes
    else { return nil }
    return TimeZoneRules(name: name, zoneFile: bytes)
  }
}
