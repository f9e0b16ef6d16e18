import Series
public import System

/// All errors of a configuration, in the order in which they were found.
public struct SettingsErrors: Error, Equatable, CustomStringConvertible {
  /// Maximum number of errors kept; further ones are only counted.
  public static let maximumCount = 100

  /// The errors, at least one, at most ``maximumCount``.
  public let errors: [SettingsError]
  /// How many more there were.
  public let omitted: Int

  /// These errors, and `omitted` more.
  public init(_ errors: [SettingsError], omitted: Int = 0) {
    precondition(!errors.isEmpty, "no errors are no failure")
    self.errors = errors
    self.omitted = omitted
  }

  /// One line per error.
  public var lines: [String] {
    errors.map(\.description) + (omitted > 0 ? ["… and \(omitted) more errors"] : [])
  }

  /// The ``lines``, joined.
  public var description: String { lines.joined(separator: "\n") }
}

/// One error and its position.
public struct SettingsError: Error, Equatable, CustomStringConvertible {
  /// The file as it was opened.
  public var file: String
  /// The line, starting with 1; nil if the error concerns the file as a whole.
  public var line: Int?
  /// The header of the section without brackets, such as `Input host`.
  public var section: String?
  /// The key.
  public var key: String?
  /// What is wrong.
  public var problem: SettingsProblem

  /// An error at that position.
  public init(
    file: String,
    line: Int? = nil,
    section: String? = nil,
    key: String? = nil,
    _ problem: SettingsProblem
  ) {
    self.file = file
    self.line = line
    self.section = section
    self.key = key
    self.problem = problem
  }

  /// One line: `FILE:LINE: [SECTION] KEY=: expected …, found …`.
  public var description: String {
    var text = file
    if let line { text += ":\(line)" }
    text += ":"
    if let section { text += " [\(section)]" }
    if let key { text += " \(key)=" }
    if section != nil || key != nil { text += ":" }
    return PrintableText.line(text + " \(problem)")
  }
}

/// The possible errors of a configuration. Text from the file is stored as found; the description
/// shows it quoted, shortened to fit a line.
public enum SettingsProblem: Equatable, Sendable {
  /// The operating system refused access to the file or directory; with its error number.
  case unreadable(errno: Errno)
  /// The path is a directory, device, pipe or socket instead of a file.
  case notAFile(found: String)
  /// The file is larger than a configuration may be.
  case tooLarge(bytes: Int, maximumBytes: Int)
  /// There are too many drop-in files.
  case tooManyFiles(count: Int, maximum: Int)
  /// The file holds a NUL byte.
  case nulByte(offset: Int)
  /// The file is not UTF-8 from `offset` bytes on.
  case notUTF8(offset: Int)
  /// A line begins with `[` but is no section header.
  case malformedHeader(found: String)
  /// A line is neither a comment, nor a header, nor an assignment.
  case missingEqualsSign(found: String)
  /// There is no key before the equals sign.
  case missingKey(found: String)
  /// An assignment comes before the first section header.
  case outsideSection
  /// There is no section of that name.
  case unknownSection(found: String, suggestion: String?, known: [String])
  /// `[Agent]` or `[Detector]` has a name after it.
  case unexpectedSectionName(found: String)
  /// `[Input]`, `[Output]` or `[Metric]` lacks its name or pattern, or it is not a valid one.
  case invalidSectionName(expected: String, found: String)
  /// The section has no key of that name.
  case unknownKey(suggestion: String?, known: [String])
  /// The key belongs to a `Type=` other than the section's.
  case keyOfOtherType(type: String, belongsTo: [String])
  /// The value is not what the key expects.
  case invalidValue(expected: String, found: String)
  /// The value has the expected form but is refused for a specific reason.
  case refused(reason: String)
  /// A required key is missing.
  case missingValue(expected: String)
  /// Two sections that cannot both have this setting.
  case conflict(with: String, reason: String)
}

extension SettingsProblem: CustomStringConvertible {
  /// What was expected, and what was found.
  public var description: String {
    switch self {
    case .unreadable(let errno): "cannot be read: \(errno)"
    case .notAFile(let found): "expected a file, found \(found)"
    case .tooLarge(let bytes, let maximum):
      "expected at most \(maximum) bytes, found \(bytes)"
    case .tooManyFiles(let count, let maximum):
      "expected at most \(maximum) files, found \(count)"
    case .nulByte(let offset): "expected text, found a NUL byte at offset \(offset)"
    case .notUTF8(let offset): "expected UTF-8, found other bytes at offset \(offset)"
    case .malformedHeader(let found):
      "expected a section header such as [Agent] or [Input host], found \(quoted(found))"
    case .missingEqualsSign(let found): "expected Key=value, found \(quoted(found))"
    case .missingKey(let found): "expected a key before the =, found \(quoted(found))"
    case .outsideSection: "expected a section header such as [Agent] before the first key"
    case .unknownSection(let found, let suggestion, let known):
      unknown("section", found, suggestion.map { "[\($0)]" }, known.map { "[\($0)]" })
    case .unexpectedSectionName(let found):
      "expected no name in this section header, found \(quoted(found))"
    case .invalidSectionName(let expected, let found):
      "expected \(expected), found \(found.isEmpty ? "nothing" : quoted(found))"
    case .unknownKey(let suggestion, let known):
      unknown("key", nil, suggestion.map { "\($0)=" }, known.map { "\($0)=" })
    case .keyOfOtherType(let type, let belongsTo):
      "is a key of Type=\(belongsTo.joined(separator: " and Type=")), "
        + "but this section has Type=\(type)"
    case .invalidValue(let expected, let found):
      "expected \(expected), found \(quoted(found))"
    case .refused(let reason): reason
    case .missingValue(let expected): "expected \(expected), found nothing"
    case .conflict(let other, let reason): "conflicts with [\(other)]: \(reason)"
    }
  }

  private func unknown(
    _ noun: String,
    _ found: String?,
    _ suggestion: String?,
    _ known: [String]
  ) -> String {
    let subject = found.map { "unknown \(noun) \(quoted($0))" } ?? "unknown \(noun)"
    if let suggestion { return "\(subject), did you mean \(suggestion)?" }
    return "\(subject), expected one of \(known.joined(separator: " "))"
  }
}
