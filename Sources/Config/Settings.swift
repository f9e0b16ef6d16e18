import Series

/// The complete configuration, checked, with all defaults filled in.
public struct Settings: Equatable, Sendable {
  /// Section `[Agent]`.
  public var agent = AgentSection()
  /// Section `[Detector]`.
  public var detector = DetectorSection()
  /// Sections `[Input NAME]` in the order in which their names first appear.
  public var inputs: [Component]
  /// Sections `[Output NAME]` in the order in which their names first appear.
  public var outputs: [Component]
  /// Sections `[Metric PATTERN]` in the order in which their patterns first appear.
  public var metrics: [MetricSection] = []
  /// Sections `[Model NAME]` in the order in which their names first appear.
  public var models: [ModelSection] = []
  /// Sections `[Silence NAME]` in the order in which their names first appear.
  public var silences: [SilenceSection] = []
  /// The files that were read, in the order in which they were read.
  public var files: [String] = []
  /// The origin of each value that is not a default, by section and key.
  var origins: [String: SettingsOrigin] = [:]
  /// The directory for sockets.
  var runtimeDirectory = "/run/anomalyd"

  /// The settings without any file: the inputs and outputs that have a default name, all other
  /// values default.
  public init(_ types: SectionTypes) {
    inputs = types.inputs.compactMap { Component(default: $0) }
    outputs = types.outputs.compactMap { Component(default: $0) }
  }

  /// A section `[Input NAME]` or `[Output NAME]`.
  public struct Component: Equatable, Sendable {
    /// The name in the section's header.
    public var name: String
    /// The settings given by `Type=` and its keys.
    public var section: any ComponentSection

    /// The section `name`.
    public init(name: String, section: any ComponentSection) {
      self.name = name
      self.section = section
    }

    /// The section that is used while none of its kind is configured; nil if it has to be
    /// configured.
    fileprivate init?(default type: any ComponentSection.Type) {
      guard let name = type.defaultName else { return nil }
      self.init(name: name, section: type.init())
    }

    /// `Type=`.
    public var typeName: String { type(of: section).typeName }

    /// Whether name, type and all values are the same.
    public static func == (lhs: Component, rhs: Component) -> Bool {
      lhs.name == rhs.name && lhs.section.isEqual(to: rhs.section)
    }
  }

  /// Whether all values are the same, whatever their origin.
  public static func == (lhs: Settings, rhs: Settings) -> Bool {
    lhs.agent == rhs.agent && lhs.detector == rhs.detector && lhs.inputs == rhs.inputs
      && lhs.outputs == rhs.outputs && lhs.metrics == rhs.metrics && lhs.models == rhs.models
      && lhs.silences == rhs.silences && lhs.files == rhs.files
  }

  /// Where a key was last assigned; nil if it has its default.
  /// - Parameters:
  ///   - section: the header without brackets, such as `Input host`.
  ///   - key: the name before the equals sign.
  public func origin(section: String, key: String) -> SettingsOrigin? {
    origins["\(section)/\(key)"]
  }

  // MARK: Refusals by the system

  /// Settings that are well-formed but unusable; empty if everything is usable.
  public var refusals: [SettingsRefusal] {
    refusals(of: inputs, "Input") + refusals(of: outputs, "Output")
  }

  private func refusals(of components: [Component], _ word: String) -> [SettingsRefusal] {
    components.compactMap { component in
      guard let refusal = component.section.refusal else { return nil }
      let header = "\(word) \(component.name)"
      return SettingsRefusal(
        section: header, key: refusal.key, origin: origin(section: header, key: refusal.key),
        reason: refusal.reason)
    }
  }
}

/// The position of an assignment.
public struct SettingsOrigin: Equatable, Sendable, CustomStringConvertible {
  /// The file as it was opened.
  public var file: String
  /// The line, the first is 1.
  public var line: Int

  /// `FILE:LINE`.
  public var description: String { "\(file):\(line)" }
}

/// A setting that is well-formed but unusable.
public struct SettingsRefusal: Error, Equatable, CustomStringConvertible {
  /// The section's header without brackets.
  public var section: String
  /// The key.
  public var key: String
  /// Where the value was given; nil if it is a default.
  public var origin: SettingsOrigin?
  /// What was expected, and what was found.
  public var reason: String

  /// An unusable value of a key in `[section]`.
  public init(section: String, key: String, origin: SettingsOrigin?, reason: String) {
    self.section = section
    self.key = key
    self.origin = origin
    self.reason = reason
  }

  /// One line for the user.
  public var description: String {
    (origin.map { "\($0): " } ?? "") + "[\(section)] \(key)=: \(reason)"
  }
}

extension Settings {
  /// The effective configuration as text that ``load(_:configuration:root:environment:)`` reads back
  /// as the same settings: every key with its value.
  /// - Parameters:
  ///   - masked: whether possible secrets are masked; the text then no longer stands for the same
  ///     settings.
  ///   - origins: whether a comment above each value that is not a default states where it is
  ///     assigned.
  public func describe(masked: Bool = false, origins: Bool = false) -> String {
    var text = ""
    for file in files { text += "# read: \(PrintableText.line(file))\n" }
    if files.isEmpty { text += "# no configuration file: defaults\n" }
    return text + values(masked: masked).sections(origins: origins)
  }

  /// A key with its value.
  public struct Value: Equatable, Sendable {
    /// The section's header without brackets.
    public var section: String
    /// The name before the equals sign.
    public var key: String
    /// The value as text.
    public var text: String
    /// Where it was assigned; nil if it is a default.
    public var origin: SettingsOrigin?
  }

  /// Every key of every section with its value, in the order of the manual.
  /// - Parameter masked: whether possible secrets are masked.
  public func values(masked: Bool) -> [Value] {
    var all = listed("Agent", agent, masked) + listed("Detector", detector, masked)
    for (word, components) in [("Input", inputs), ("Output", outputs)] {
      for component in components {
        all += listed("\(word) \(component.name)", component.section, masked, component.typeName)
      }
    }
    for metric in metrics { all += listed("Metric \(metric.pattern)", metric, masked) }
    for model in models { all += listed("Model \(model.name)", model, masked) }
    for silence in silences { all += listed("Silence \(silence.name)", silence, masked) }
    for index in all.indices {
      all[index].origin = origin(section: all[index].section, key: all[index].key)
    }
    return all
  }
}

extension [Settings.Value] {
  /// The values as a configuration file.
  /// - Parameter origins: whether a comment states where each is assigned.
  func sections(origins: Bool = false) -> String {
    var text = ""
    var last: Settings.Value?
    for value in self {
      if value.section != last?.section { text += "\n[\(value.section)]\n" }
      if origins, let origin = value.origin, origin != last?.origin || value.key != last?.key {
        text += "# \(PrintableText.line(origin.description))\n"
      }
      text += "\(value.key)=\(value.text)\n"
      last = value
    }
    return text
  }
}

extension Settings.Component {
  /// The section as text, every key with its value.
  /// - Parameters:
  ///   - word: the first word of its header, `Input` or `Output`.
  ///   - masked: whether possible secrets are masked.
  public func describe(_ word: String, masked: Bool = false) -> String {
    listed("\(word) \(name)", section, masked, typeName).sections()
  }
}

private func listed<Root: Section>(
  _ header: String, _ root: Root, _ masked: Bool, _ type: String? = nil
) -> [Settings.Value] {
  let first = type.map { [Settings.Value(section: header, key: "Type", text: $0)] } ?? []
  return first
    + Root.keys.flatMap { key in
      // A key that takes one of several values per assignment has a line for each.
      let text = masked ? key.show(root) : key.format(root)
      return text.split(separator: "\n", omittingEmptySubsequences: false).map {
        Settings.Value(section: header, key: key.name, text: String($0))
      }
    }
}
