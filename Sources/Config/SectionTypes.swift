/// The types of section that a program knows in addition to those of this room: one entry each,
/// provided by the program, so that nothing registers itself.
public struct SectionTypes: Sendable {
  /// The types of `[Input NAME]`; the first is the default of `Type=`.
  public let inputs: [any ComponentSection.Type]
  /// The types of `[Output NAME]`; the first is the default of `Type=`.
  public let outputs: [any ComponentSection.Type]
  /// Whether sections of other types are left out instead of being errors.
  let ignoresOthers: Bool

  /// - Parameter ignoresOthers: for a program that uses a part of the configuration: sections of
  ///   unlisted types, or without `Type=`, are left to the programs that use them.
  public init(
    inputs: [any ComponentSection.Type],
    outputs: [any ComponentSection.Type],
    ignoresOthers: Bool = false
  ) {
    self.inputs = inputs
    self.outputs = outputs
    self.ignoresOthers = ignoresOthers
  }

  /// The types allowed by a header's first word; none if it takes no `Type=`.
  func of(_ kind: SectionKind) -> [any ComponentSection.Type] {
    switch kind {
    case .input: inputs
    case .output: outputs
    case .agent, .detector, .metric, .model, .silence: []
    }
  }

  /// Every key of every section, in the order of the manual.
  public var keys: [SettingsKey] {
    keys(.agent) + keys(.detector) + keys(.input) + keys(.output) + keys(.metric)
      + keys(.model) + keys(.silence)
  }

  /// The keys of one kind of section, `Type=` first if it has one.
  func keys(_ kind: SectionKind) -> [SettingsKey] {
    switch kind {
    case .agent: SettingsKey.of(AgentSection(), kind)
    case .detector: SettingsKey.of(DetectorSection(), kind)
    // Unset values have no text; the help says what applies then.
    case .metric:
      MetricSection.keys.map { SettingsKey(section: kind.rawValue, name: $0.name, key: $0) }
    case .model: SettingsKey.of(ModelSection(name: ""), kind)
    case .silence: SettingsKey.of(SilenceSection(name: ""), kind)
    case .input, .output:
      [typeKey(kind)].compactMap(\.self) + of(kind).flatMap { SettingsKey.of($0, kind) }
    }
  }

  private func typeKey(_ kind: SectionKind) -> SettingsKey? {
    let types = of(kind)
    guard let first = types.first else { return nil }
    let list = types.map { "\($0.typeName), \($0.summary)" }.joined(separator: "; ")
    return SettingsKey(
      section: kind.rawValue,
      name: "Type",
      defaultText: first.typeName,
      expectation: alternatives(types.map { $0.typeName }),
      help: (kind == .input ? "Where samples come from: " : "Where events go: ") + list + ".",
      example: first.typeName
    )
  }
}

/// The documentation of one key.
public struct SettingsKey: Equatable, Sendable {
  /// The first word of the section's header, such as `Input`.
  public var section: String
  /// The `Type=` that a section must have for this key; nil if it needs none.
  public var type: String?
  /// The name before the equals sign.
  public var name: String
  /// The default as text; empty if there is none.
  public var defaultText: String
  /// What is expected, phrased to follow the word "expected".
  public var expectation: String
  /// What it does.
  public var help: String
  /// A valid value, as text.
  public var example: String
}

extension SettingsKey {
  fileprivate init<Root>(
    section: String, type: String? = nil, name: String, defaultText: String = "", key: Key<Root>
  ) {
    self.init(
      section: section, type: type, name: name, defaultText: defaultText,
      expectation: key.expectation, help: key.help, example: key.example ?? defaultText)
  }

  fileprivate static func of<Root: Section>(
    _ defaults: Root, _ kind: SectionKind, type: String? = nil
  ) -> [SettingsKey] {
    Root.keys.map {
      SettingsKey(
        section: kind.rawValue, type: type, name: $0.name, defaultText: $0.format(defaults),
        key: $0)
    }
  }

  fileprivate static func of<Root: ComponentSection>(
    _ type: Root.Type, _ kind: SectionKind
  ) -> [SettingsKey] {
    of(type.init(), kind, type: type.typeName)
  }
}
