extension Settings {
  /// The effective configuration as text in the syntax that ``load(configuration:root:environment:)``
  /// reads, every key with its value; it reads back as the same settings.
  public func describe() -> String {
    var text = ""
    for file in files { text += "# read: \(file)\n" }
    if files.isEmpty { text += "# no configuration file: defaults\n" }
    func add<Root>(_ header: String, type: String?, _ keys: [Key<Root>], _ root: Root) {
      text += "\n[\(header)]\n"
      if let type { text += "Type=\(type)\n" }
      for key in keys {
        // What takes an assignment for each of several values has a line for each.
        for value in key.format(root).split(separator: "\n", omittingEmptySubsequences: false) {
          text += "\(key.name)=\(value)\n"
        }
      }
    }
    add("Agent", type: nil, SettingsTable.agent, agent)
    add("Detector", type: nil, SettingsTable.detector, detector)
    for input in inputs {
      switch input.source {
      case .procfs(let procfs):
        add("Input \(input.name)", type: "procfs", SettingsTable.procfs, procfs)
      case .csv(let csv): add("Input \(input.name)", type: "csv", SettingsTable.csv, csv)
      case .events(let events):
        add("Input \(input.name)", type: "events", SettingsTable.events, events)
      case .serial(let serial):
        add("Input \(input.name)", type: "serial", SettingsTable.serial, serial)
      case .socket(let socket):
        add("Input \(input.name)", type: "socket", SettingsTable.socket, socket)
      }
    }
    for output in outputs {
      let header = "Output \(output.name)"
      switch output.sink {
      case .journal: add(header, type: "journal", Keyless.keys, Keyless())
      case .terminal: add(header, type: "terminal", Keyless.keys, Keyless())
      case .file(let path, let keeping):
        add(
          header, type: "file", SettingsTable.outputFile, OutputFile(path: path, keeping: keeping))
      case .webhook(let webhook):
        add(header, type: "webhook", SettingsTable.webhook, webhook)
      }
    }
    for metric in metrics {
      add("Metric \(metric.pattern)", type: nil, SettingsTable.metric, metric)
    }
    for silence in silences {
      add("Silence \(silence.name)", type: nil, SettingsTable.silence, silence)
    }
    return text
  }
}
