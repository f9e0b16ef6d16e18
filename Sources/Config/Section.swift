/// A section of the configuration: a struct that holds its values, and the keys that set them.
///
/// A component declares its section beside itself; the struct is the component's configuration, so
/// that nothing is copied from one form to another.
public protocol Section: Equatable, Sendable {
  /// The keys in the order of the manual.
  static var keys: [Key<Self>] { get }

  /// Reports what is wrong with the section as a whole although each of its values is well formed,
  /// such as a required key that is missing.
  func check(_ check: inout SectionCheck)
}

extension Section {
  /// Nothing is wrong.
  public func check(_ check: inout SectionCheck) {}
}

/// A section `[Input NAME]` or `[Output NAME]` with a `Type=` of its own.
///
/// The name in the header is not part of it: it is what distinguishes two sections of one type.
public protocol ComponentSection: Section {
  /// `Type=`.
  static var typeName: String { get }
  /// What it is in a few words, as they follow `Type=` in an enumeration.
  static var summary: String { get }
  /// What the manual says about it above its keys.
  static var manual: String { get }
  /// The name of the section that is in force while no section of this kind is configured; nil for
  /// a type that has to be configured.
  static var defaultName: String? { get }

  /// The defaults.
  init()

  /// The defaults under a service manager.
  /// - Parameter runtimeDirectory: where sockets belong.
  static func defaults(runtimeDirectory: String) -> Self

  /// Why two sections of this type cannot both be in force; nil if they can.
  /// - Parameter earlier: the one that comes first in the configuration.
  func conflict(with earlier: Self) -> SectionConflict?

  /// What is wrong with the section although it is well formed, as far as only the system can tell;
  /// nil where nothing is. Looked at when a configuration is checked or about to be used.
  var refusal: SectionRefusal? { get }

  /// Rules for the metrics that it delivers, in force where no section `[Metric PATTERN]` says
  /// otherwise. The last pattern that matches counts.
  static var metricRules: [MetricSection] { get }
}

extension ComponentSection {
  /// It has to be configured.
  public static var defaultName: String? { nil }
  /// The same as without a service manager.
  public static func defaults(runtimeDirectory: String) -> Self { Self() }
  /// There may be any number.
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

/// Collects what ``Section/check(_:)`` finds wrong, and knows where in the files each key was set.
public struct SectionCheck {
  private(set) var errors: [SettingsError] = []
  private let text: SectionText

  init(_ text: SectionText) {
    self.text = text
  }

  /// Reports a required key that has no value. A value that could not be parsed has an error of its
  /// own already.
  /// - Parameter expected: as it follows the word "expected".
  public mutating func require(_ key: String, isMissing: Bool, expected: String) {
    let given = text.assignments.last { $0.key == key }
    guard isMissing, given?.value.isEmpty ?? true else { return }
    errors.append(text.error(at: key, .missingValue(expected: expected)))
  }

  /// Reports the last value that the files give to one of `keys`; nothing where they give none.
  /// - Parameters:
  ///   - expected: as it follows the word "expected".
  ///   - found: what does not fit; nil for the value itself.
  public mutating func refuse(_ keys: String..., expected: String, found: String? = nil) {
    guard
      let given = text.assignments.last(where: { keys.contains($0.key) && !$0.value.isEmpty })
    else { return }
    errors.append(
      text.error(given, .invalidValue(expected: expected, found: found ?? given.value)))
  }
}
