/// What a person should know of one key: a line of the settings table.
public struct SettingsKey: Equatable, Sendable {
  /// The first word of the section's header, such as `Input`.
  public var section: String
  /// The `Type=` that a section must have for this key; nil where it needs none.
  public var type: String?
  /// The name before the equals sign.
  public var name: String
  /// The default as it is written; empty where there is none.
  public var defaultText: String
  /// What is expected, as it follows the word "expected".
  public var expectation: String
  /// What it does.
  public var help: String

  /// Every key of every section, in the order of the manual.
  public static let all: [SettingsKey] = {
    let inputType = SettingsKey(
      section: "Input",
      name: "Type",
      defaultText: SettingsTable.inputTypes[0],
      expectation: alternatives(SettingsTable.inputTypes),
      help:
        "Where samples come from: this host's counters, a growing table or a trace of events in a text file, a "
        + "sensor on a serial line, or programs that send to a socket."
    )
    let outputType = SettingsKey(
      section: "Output",
      name: "Type",
      defaultText: SettingsTable.outputTypes[0],
      expectation: alternatives(SettingsTable.outputTypes),
      help: "Where events go: the system's journal, a file of JSON lines, standard output, or an "
        + "endpoint that anomalyd-webhook speaks to over HTTP."
    )
    let metric = SettingsTable.metric.map {
      SettingsKey(
        section: "Metric",
        name: $0.name,
        defaultText: "",
        expectation: $0.expectation,
        help: $0.help
      )
    }
    return entries("Agent", nil, SettingsTable.agent, Settings.Agent())
      + entries("Detector", nil, SettingsTable.detector, Settings.Detector())
      + [inputType] + entries("Input", "procfs", SettingsTable.procfs, Settings.Procfs())
      + entries("Input", "csv", SettingsTable.csv, Settings.CSV())
      + entries("Input", "events", SettingsTable.events, Settings.Events())
      + entries("Input", "serial", SettingsTable.serial, Settings.Serial())
      + entries("Input", "socket", SettingsTable.socket, Settings.Socket())
      + [outputType] + entries("Output", "file", SettingsTable.outputFile, OutputFile())
      + entries("Output", "webhook", SettingsTable.webhook, Settings.Webhook())
      + metric + entries("Silence", nil, SettingsTable.silence, Settings.Silence(name: ""))
  }()

  private static func entries<Root>(
    _ section: String,
    _ type: String?,
    _ keys: [Key<Root>],
    _ defaults: Root
  ) -> [SettingsKey] {
    keys.map {
      SettingsKey(
        section: section,
        type: type,
        name: $0.name,
        defaultText: $0.format(defaults),
        expectation: $0.expectation,
        help: $0.help
      )
    }
  }
}
