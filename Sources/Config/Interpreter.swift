import Series

/// Turns sections into ``Settings``, one error per thing that is wrong.
struct Interpreter {
  private(set) var settings: Settings
  private let defaults: Settings
  private var errors: [SettingsError] = []
  private var inputs: [(input: Settings.Input, section: Section)] = []
  private var outputs: [(output: Settings.Output, section: Section)] = []

  init(defaults: Settings) {
    self.defaults = defaults
    settings = defaults
  }

  /// Takes in one section; every section comes once.
  mutating func take(_ section: Section) {
    switch section.kind {
    case .agent: settings.agent = filled(defaults.agent, SettingsTable.agent, section)
    case .detector: settings.detector = filled(defaults.detector, SettingsTable.detector, section)
    case .input: takeInput(section)
    case .output: takeOutput(section)
    case .metric:
      guard let pattern = Glob(section.name) else { return }
      settings.metrics.append(
        filled(Settings.Metric(pattern: pattern), SettingsTable.metric, section)
      )
    case .silence: takeSilence(section)
    }
  }

  /// Checks what spans several sections.
  /// - Returns: all errors.
  mutating func finish() -> [SettingsError] {
    if !inputs.isEmpty { settings.inputs = inputs.map(\.input) }
    if !outputs.isEmpty { settings.outputs = outputs.map(\.output) }
    checkCollectors()
    checkDevices()
    checkSockets()
    checkSinks()
    return errors
  }

  private mutating func takeInput(_ section: Section) {
    let types = SettingsTable.inputTypes
    guard let type = type(of: section, among: types) else { return }
    let source: Settings.Input.Source
    switch type {
    case "csv":
      let csv = filled(Settings.CSV(), SettingsTable.csv, section, type: type)
      require("Path", csv.paths.joined(), section, "the absolute path of the file to follow")
      source = .csv(csv)
    case "events":
      let events = filled(Settings.Events(), SettingsTable.events, section, type: type)
      require(
        "Path", events.file.paths.joined(), section, "the absolute path of the file to follow")
      source = .events(events)
    case "serial":
      let serial = filled(Settings.Serial(), SettingsTable.serial, section, type: type)
      checkSerial(serial, section)
      source = .serial(serial)
    case "socket":
      var usual = Settings.Socket()
      usual.path = defaults.runtimeDirectory + "/metrics.sock"
      source = .socket(filled(usual, SettingsTable.socket, section, type: type))
    default:
      source = .procfs(filled(Settings.Procfs(), SettingsTable.procfs, section, type: type))
    }
    inputs.append((Settings.Input(name: section.name, source: source), section))
  }

  private mutating func takeOutput(_ section: Section) {
    guard let type = type(of: section, among: SettingsTable.outputTypes) else { return }
    let sink: Settings.Output.Sink
    switch type {
    case "file":
      let file = filled(OutputFile(), SettingsTable.outputFile, section, type: type)
      require("Path", file.path, section, "the absolute path of the file to write")
      sink = .file(path: file.path, keeping: file.keeping)
    case "webhook":
      let webhook = filled(Settings.Webhook(), SettingsTable.webhook, section, type: type)
      checkWebhook(webhook, section)
      sink = .webhook(webhook)
    case "terminal":
      _ = filled(Keyless(), Keyless.keys, section, type: type)
      sink = .terminal
    default:
      _ = filled(Keyless(), Keyless.keys, section, type: type)
      sink = .journal
    }
    outputs.append((Settings.Output(name: section.name, sink: sink), section))
  }

  private mutating func takeSilence(_ section: Section) {
    let silence = filled(
      Settings.Silence(name: section.name), SettingsTable.silence, section)
    let schedule = silence.schedule.isEmpty ? "" : "given"
    require("Schedule", schedule, section, "a calendar expression such as Sat 02:00")
    let duration = silence.duration == .zero ? "" : "given"
    require("Duration", duration, section, "how long it lasts, such as 2h")
    if !silence.suppressAlarms, !silence.suppressLearning,
      let assignment = section.assignments.last(where: { $0.key.hasPrefix("Suppress") })
    {
      let expected = "SuppressAlarms=yes or SuppressLearning=yes, or the silence does nothing"
      fail(assignment, section, .invalidValue(expected: expected, found: assignment.value))
    }
    settings.silences.append(silence)
  }

  /// `Type=` of a section, the first of `types` where it is not given; nil, and an error, where it
  /// is none of them. The last assignment counts.
  private mutating func type(of section: Section, among types: [String]) -> String? {
    guard let assignment = section.assignments.last(where: { $0.key == "Type" }),
      !assignment.value.isEmpty
    else { return types[0] }
    guard types.contains(assignment.value) else {
      fail(
        assignment,
        section,
        .invalidValue(expected: alternatives(types), found: assignment.value)
      )
      return nil
    }
    return assignment.value
  }

  /// `defaults` with the assignments of a section on top.
  private mutating func filled<Root>(
    _ defaults: Root,
    _ keys: [Key<Root>],
    _ section: Section,
    type: String? = nil
  ) -> Root {
    var result = defaults
    var replaced: Set<String> = []
    for assignment in section.assignments where type == nil || assignment.key != "Type" {
      guard let key = keys.first(where: { $0.name == assignment.key }) else {
        fail(assignment, section, problem(with: assignment.key, in: section, type: type))
        continue
      }
      if assignment.value.isEmpty {
        key.reset(&result, defaults)
        replaced.remove(key.name)
        settings.origins["\(section.header)/\(key.name)"] = nil
      } else if let wrong = key.assign(&result, assignment.value, replaced.contains(key.name)) {
        fail(assignment, section, .invalidValue(expected: key.expectation, found: wrong))
      } else {
        replaced.insert(key.name)
        settings.origins["\(section.header)/\(key.name)"] = SettingsOrigin(
          file: assignment.file, line: assignment.line)
      }
    }
    return result
  }

  private func problem(with key: String, in section: Section, type: String?) -> SettingsProblem {
    let entries = SettingsKey.all.filter { $0.section == section.kind.rawValue }
    let owners = entries.filter { $0.name == key }.compactMap(\.type)
    if let type, !owners.isEmpty { return .keyOfOtherType(type: type, belongsTo: owners) }
    let known = entries.filter { $0.type == nil || $0.type == type }.map(\.name)
    return .unknownKey(suggestion: suggestion(for: key, among: known), known: known)
  }

  private mutating func checkSerial(_ serial: Settings.Serial, _ section: Section) {
    require("Device", serial.device, section, "the absolute path of the line's device")
    if serial.format == .csv {
      let names = serial.fields.joined()
      require("Fields", names, section, "a name for each value, as Format=csv has none")
    }
    if !serial.fields.isEmpty, serial.fields.allSatisfy({ $0 == "-" }),
      let assignment = section.assignments.last(where: { $0.key == "Fields" })
    {
      fail(
        assignment, section,
        .invalidValue(expected: "a name beside -", found: assignment.value))
    }
    guard !serial.fields.isEmpty,
      let stray = serial.scales.first(where: { !serial.fields.contains($0.field) }),
      let assignment = section.assignments.last(where: { $0.key == "Scale" })
    else { return }
    fail(
      assignment,
      section,
      .invalidValue(expected: "fields that are in Fields=", found: stray.field)
    )
  }

  /// A key without a default must be given.
  mutating func require(
    _ key: String,
    _ value: String,
    _ section: Section,
    _ expected: String
  ) {
    let given = section.assignments.last { $0.key == key }
    // What is given and yet no value has its own error.
    guard value.isEmpty, given?.value.isEmpty ?? true else { return }
    errors.append(
      SettingsError(
        file: given?.file ?? section.file,
        line: given?.line ?? section.line,
        section: section.header,
        key: key,
        .missingValue(expected: expected)
      )
    )
  }

  /// Two inputs that read the same counters would feed each metric twice.
  private mutating func checkCollectors() {
    var owners: [Settings.Collector: Section] = [:]
    for (input, section) in inputs {
      guard case .procfs(let procfs) = input.source else { continue }
      let twice = Settings.Collector.allCases.filter {
        procfs.collectors.contains($0) && owners[$0] != nil
      }
      if let first = twice.first, let owner = owners[first] {
        let words = twice.map(\.rawValue).joined(separator: " ")
        conflict(section, "Collectors", with: owner, "both read \(words)")
      }
      for collector in procfs.collectors where owners[collector] == nil {
        owners[collector] = section
      }
    }
  }

  /// A serial line has one reader.
  private mutating func checkDevices() {
    var owners: [String: Section] = [:]
    for (input, section) in inputs {
      guard case .serial(let serial) = input.source, !serial.device.isEmpty else { continue }
      if let owner = owners[serial.device] {
        conflict(section, "Device", with: owner, "both read \(serial.device)")
      } else {
        owners[serial.device] = section
      }
    }
  }

  /// A path has one socket.
  private mutating func checkSockets() {
    var owners: [String: Section] = [:]
    for (input, section) in inputs {
      guard case .socket(let socket) = input.source else { continue }
      if let owner = owners[socket.path] {
        conflict(section, "Path", with: owner, "both listen at \(socket.path)")
      } else {
        owners[socket.path] = section
      }
    }
  }

  /// Two outputs to the same place would write each event twice.
  private mutating func checkSinks() {
    for (index, (output, section)) in outputs.enumerated() {
      let earlier = outputs[..<index].first { $0.output.sink.isSamePlace(as: output.sink) }
      // Without a path there is an error already.
      guard let earlier, !output.sink.lacksAddress else { continue }
      switch output.sink {
      case .file(let path, _):
        conflict(section, "Path", with: earlier.section, "both write \(path)")
      case .journal: conflict(section, "Type", with: earlier.section, "both write to the journal")
      case .terminal: conflict(section, "Type", with: earlier.section, "both write to the terminal")
      case .webhook: conflict(section, "URL", with: earlier.section, "both say the same")
      }
    }
  }

  private mutating func conflict(
    _ section: Section,
    _ key: String,
    with other: Section,
    _ reason: String
  ) {
    let given = section.assignments.last { $0.key == key }
    errors.append(
      SettingsError(
        file: given?.file ?? section.file,
        line: given?.line ?? section.line,
        section: section.header,
        key: key,
        .conflict(with: other.header, reason: reason)
      )
    )
  }

  mutating func fail(
    _ assignment: Assignment,
    _ section: Section,
    _ problem: SettingsProblem
  ) {
    errors.append(
      SettingsError(
        file: assignment.file,
        line: assignment.line,
        section: section.header,
        key: assignment.key,
        problem
      )
    )
  }
}
