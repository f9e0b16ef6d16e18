import Series

/// Turns the sections of the files into ``Settings``, with one error for each mistake.
struct Interpreter {
  private(set) var settings: Settings
  private let types: SectionTypes
  private let defaults: Settings
  private var errors: [SettingsError] = []
  private var inputs: [(component: Settings.Component, text: SectionText)] = []
  private var outputs: [(component: Settings.Component, text: SectionText)] = []

  init(_ types: SectionTypes, defaults: Settings) {
    self.types = types
    self.defaults = defaults
    settings = defaults
  }

  /// Interprets one section; every section comes once.
  mutating func take(_ text: SectionText) {
    switch text.kind {
    case .agent: settings.agent = filled(defaults.agent, text)
    case .detector: settings.detector = filled(defaults.detector, text)
    case .input: component(text).map { inputs.append(($0, text)) }
    case .output: component(text).map { outputs.append(($0, text)) }
    case .metric:
      guard let pattern = Glob(text.name) else { return }
      settings.metrics.append(filled(MetricSection(pattern: pattern), text))
    case .model: settings.models.append(filled(ModelSection(name: text.name), text))
    case .silence: settings.silences.append(filled(SilenceSection(name: text.name), text))
    }
  }

  /// Checks constraints that span several sections.
  /// - Returns: all errors.
  mutating func finish() -> [SettingsError] {
    if !inputs.isEmpty { settings.inputs = inputs.map(\.component) }
    if !outputs.isEmpty { settings.outputs = outputs.map(\.component) }
    checkConflicts(inputs)
    checkConflicts(outputs)
    return errors
  }

  private mutating func component(_ text: SectionText) -> Settings.Component? {
    guard let type = type(of: text) else { return nil }
    return Settings.Component(name: text.name, section: section(type, text))
  }

  private mutating func section<Root: ComponentSection>(
    _ type: Root.Type, _ text: SectionText
  ) -> any ComponentSection {
    let usual = type.defaults(runtimeDirectory: defaults.runtimeDirectory)
    return filled(usual, text, type: type.typeName)
  }

  /// The type named by `Type=`, by default the first one; nil if there is none of that name. The
  /// last assignment counts.
  private mutating func type(of text: SectionText) -> (any ComponentSection.Type)? {
    let known = types.of(text.kind)
    guard let assignment = text.assignments.last(where: { $0.key == "Type" }),
      !assignment.value.isEmpty
    else { return types.ignoresOthers ? nil : known.first }
    if let type = known.first(where: { $0.typeName == assignment.value }) { return type }
    guard !types.ignoresOthers else { return nil }
    let expected = alternatives(known.map { $0.typeName })
    errors.append(
      text.error(assignment, .invalidValue(expected: expected, found: assignment.value)))
    return nil
  }

  /// `defaults` overridden by the assignments of a section.
  private mutating func filled<Root: Section>(
    _ defaults: Root, _ text: SectionText, type: String? = nil
  ) -> Root {
    var result = defaults
    var replaced: Set<String> = []
    if type != nil, let given = text.assignments.last(where: { $0.key == "Type" }) {
      settings.origins["\(text.header)/Type"] = SettingsOrigin(file: given.file, line: given.line)
    }
    for assignment in text.assignments where type == nil || assignment.key != "Type" {
      guard let key = Root.keys.first(where: { $0.name == assignment.key }) else {
        errors.append(text.error(assignment, problem(with: assignment.key, in: text, type: type)))
        continue
      }
      if assignment.value.isEmpty {
        key.reset(&result, defaults)
        replaced.remove(key.name)
        settings.origins["\(text.header)/\(key.name)"] = nil
      } else if let problem = key.assign(&result, assignment.value, replaced.contains(key.name)) {
        errors.append(text.error(assignment, problem))
      } else {
        replaced.insert(key.name)
        settings.origins["\(text.header)/\(key.name)"] = SettingsOrigin(
          file: assignment.file, line: assignment.line)
      }
    }
    var check = SectionCheck(text)
    result.check(&check)
    errors += check.errors
    return result
  }

  private func problem(with key: String, in text: SectionText, type: String?) -> SettingsProblem {
    let entries = types.keys(text.kind)
    let owners = entries.filter { $0.name == key }.compactMap(\.type)
    if let type, !owners.isEmpty { return .keyOfOtherType(type: type, belongsTo: owners) }
    let known = entries.filter { $0.type == nil || $0.type == type }.map(\.name)
    return .unknownKey(suggestion: suggestion(for: key, among: known), known: known)
  }

  /// One error for each section that conflicts with an earlier one.
  private mutating func checkConflicts(
    _ components: [(component: Settings.Component, text: SectionText)]
  ) {
    for (index, (component, text)) in components.enumerated() {
      for earlier in components[..<index] {
        guard let found = component.section.conflict(withAny: earlier.component.section) else {
          continue
        }
        errors.append(
          text.error(
            at: found.key, .conflict(with: earlier.text.header, reason: found.reason)))
        break
      }
    }
  }
}

extension SectionText {
  /// An error of one assignment.
  func error(_ assignment: Assignment, _ problem: SettingsProblem) -> SettingsError {
    SettingsError(
      file: assignment.file, line: assignment.line, section: header, key: assignment.key, problem)
  }

  /// An error of a key, at its last assignment or otherwise at the header.
  func error(at key: String, _ problem: SettingsProblem) -> SettingsError {
    let given = assignments.last { $0.key == key }
    return SettingsError(
      file: given?.file ?? file, line: given?.line ?? line, section: header, key: key, problem)
  }
}
