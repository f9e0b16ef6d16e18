/// A section of the configuration: a struct that holds its values, and the keys that set them.
///
/// A component declares its section in its own directory; the struct is the component's
/// configuration, so nothing is copied from one form to another.
public protocol Section: Equatable, Sendable {
  /// The keys in the order of the manual.
  static var keys: [Key<Self>] { get }

  /// Reports problems of the section as a whole although each of its values is well-formed, such as
  /// a missing required key.
  func check(_ check: inout SectionCheck)
}

extension Section {
  /// Nothing is wrong.
  public func check(_ check: inout SectionCheck) {}
}

/// A section `[Input NAME]` or `[Output NAME]` with its own `Type=`.
///
/// The name in the header is not part of it: it distinguishes two sections of one type.
public protocol ComponentSection: Section {
  /// `Type=`.
  static var typeName: String { get }
  /// A few words that describe it, phrased to follow `Type=` in an enumeration.
  static var summary: String { get }
  /// The manual's text above its keys.
  static var manual: String { get }
  /// The name of the section that is used while no section of this kind is configured; nil for a
  /// type that has to be configured.
  static var defaultName: String? { get }

  /// The defaults.
  init()

  /// The defaults under a service manager.
  /// - Parameter runtimeDirectory: the directory for sockets.
  static func defaults(runtimeDirectory: String) -> Self

  /// Why two sections of this type cannot be used together; nil if they can.
  /// - Parameter earlier: the one that comes first in the configuration.
  func conflict(with earlier: Self) -> SectionConflict?

  /// A problem of a well-formed section that only the system can detect; nil if there is none.
  /// Evaluated when a configuration is checked or about to be used.
  var refusal: SectionRefusal? { get }

  /// Rules for the metrics that it delivers, which apply unless a section `[Metric PATTERN]`
  /// overrides them. The last matching pattern applies.
  static var metricRules: [MetricSection] { get }
}

extension ComponentSection {
  /// It has to be configured.
  public static var defaultName: String? { nil }
  /// The same as without a service manager.
  public static func defaults(runtimeDirectory: String) -> Self { Self() }
  /// Any number is allowed.
  public func conflict(with earlier: Self) -> SectionConflict? { nil }
  /// Nothing is wrong.
  public var refusal: SectionRefusal? { nil }
  /// No rules.
  public static var metricRules: [MetricSection] { [] }

  /// Whether the other section has the same type and the same values.
  func isEqual(to other: any ComponentSection) -> Bool { other as? Self == self }

  /// ``conflict(with:)`` for a section of any type.
  func conflict(withAny earlier: any ComponentSection) -> SectionConflict? {
    (earlier as? Self).flatMap { conflict(with: $0) }
  }
}

/// Why two sections exclude each other.
public struct SectionConflict: Equatable, Sendable {
  /// The key at fault.
  public var key: String
  /// What both claim, such as `both write /var/log/events`.
  public var reason: String

  /// A conflict over a key.
  public init(key: String, reason: String) {
    self.key = key
    self.reason = reason
  }
}

/// A well-formed value that the system refuses.
public struct SectionRefusal: Equatable, Sendable {
  /// The key.
  public var key: String
  /// What was expected, and what was found.
  public var reason: String

  /// A refusal of a key's value.
  public init(key: String, reason: String) {
    self.key = key
    self.reason = reason
  }
}

/// Collects the problems reported by ``Section/check(_:)``, and knows where in the files each key
/// was set.
public struct SectionCheck {
  private(set) var errors: [SettingsError] = []
  private let text: SectionText

  init(_ text: SectionText) {
    self.text = text
  }

  /// Reports a required key that has no value. A value that could not be parsed has an error of its
  /// own already.
  /// - Parameter expected: phrased to follow the word "expected".
  public mutating func require(_ key: String, isMissing: Bool, expected: String) {
    let given = text.assignments.last { $0.key == key }
    guard isMissing, given?.value.isEmpty ?? true else { return }
    errors.append(text.error(at: key, .missingValue(expected: expected)))
  }

  /// Reports the last value assigned to one of `keys`; does nothing if there is none.
  /// - Parameters:
  ///   - expected: phrased to follow the word "expected".
  ///   - found: the offending part; nil for the value itself.
  public mutating func refuse(_ keys: String..., expected: String, found: String? = nil) {
    guard
      let given = text.assignments.last(where: { keys.contains($0.key) && !$0.value.isEmpty })
    else { return }
    errors.append(
      text.error(given, .invalidValue(expected: expected, found: found ?? given.value)))
  }
}
