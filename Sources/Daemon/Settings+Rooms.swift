import CommandLine
public import Config
import Detection
import Events
import Formats
package import Inputs
import Monitor
import Outputs
import Series

extension Settings.Input {
  /// The input that the section describes.
  /// - Throws: ``SettingsRefusal`` for what only the input itself can judge.
  func makeInput() throws(SettingsRefusal) -> any Input {
    switch source {
    case .procfs(let settings): ProcfsInput(configuration: settings.configuration(named: name))
    case .csv(let settings): CSVInput(configuration: try settings.configuration(named: name))
    case .events(let settings): CSVInput(configuration: try settings.configuration(named: name))
    case .serial(let settings): SerialInput(configuration: settings.configuration(named: name))
    case .socket(let settings): SocketInput(configuration: settings.configuration(named: name))
    }
  }

  /// `Type=`.
  var typeName: String {
    switch source {
    case .procfs: "procfs"
    case .csv: "csv"
    case .events: "events"
    case .serial: "serial"
    case .socket: "socket"
    }
  }

  /// What is watched, in words.
  var subject: String {
    switch source {
    case .procfs(let settings):
      settings.rootPath == "/" ? "this host" : "the host below \(settings.rootPath)"
    case .csv(let settings): settings.paths.joined(separator: " ")
    case .events(let settings): settings.file.paths.joined(separator: " ")
    case .serial(let settings): "\(settings.device) at \(settings.baud) baud"
    case .socket(let settings): "what is sent to \(settings.path)"
    }
  }

  /// How often it is read, in words.
  var rhythm: String {
    switch source {
    case .procfs, .csv, .events: "every \(HumanNumber.duration(interval))"
    case .serial: "as it speaks"
    case .socket(let settings): "summed up every \(HumanNumber.duration(settings.flushInterval))"
    }
  }
}

extension Settings.Procfs {
  /// What the input makes of the section.
  package func configuration(named name: String) -> ProcfsConfiguration {
    func filter(_ include: [String], _ exclude: [String]) -> NameFilter {
      NameFilter(include: include.isEmpty ? ["*"] : include, exclude: exclude)
    }
    return ProcfsConfiguration(
      name: name,
      interval: interval,
      rootPath: rootPath,
      collectors: Set(collectors.compactMap { ProcfsCollector(rawValue: $0.rawValue) }),
      disks: filter(includeDevices, excludeDevices),
      interfaces: filter(includeInterfaces, excludeInterfaces),
      filesystems: NameFilter(include: includeFilesystems, exclude: excludeFilesystems),
      sensors: NameFilter(include: includeSensors, exclude: excludeSensors),
      interrupts: NameFilter(include: includeInterrupts, exclude: excludeInterrupts),
      units: units
    )
  }
}

extension Settings.CSV {
  func configuration(named name: String) throws(SettingsRefusal) -> CSVConfiguration {
    var result = CSVConfiguration(name: name, path: paths.first ?? "")
    result.patterns = paths
    result.maximumFiles = maximumFiles
    result.timeZone = timeZone
    result.header =
      switch header {
      case .auto: .automatic
      case .yes: .present
      case .no: .absent
      }
    result.timestampColumn =
      switch timestampColumn {
      case .auto: .automatic
      case .none: .none
      case .column(let column): .column(column.csv)
      }
    switch timestampFormat {
    case .auto: result.timestampFormat = .automatic
    case .iso8601: result.timestampFormat = .iso8601
    case .epochSeconds: result.timestampFormat = .epochSeconds
    case .epochMilliseconds: result.timestampFormat = .epochMilliseconds
    case .pattern(let text):
      do throws(CSVTimestampPatternError) {
        result.timestampFormat = .pattern(try CSVTimestampPattern(parsing: text))
      } catch {
        throw SettingsRefusal(
          section: "Input \(name)", key: "TimestampFormat", reason: error.description)
      }
    }
    result.values = valueColumns.isEmpty ? .all : .chosen(valueColumns.map(\.csv))
    result.delimiter = delimiter.map { .character($0) } ?? .automatic
    let isOneFile = paths.count == 1 && !paths[0].contains { "*?[".contains($0) }
    result.prefix = prefix ?? (isOneFile ? name : name + "." + CSVConfiguration.placeholders[0])
    result.start =
      switch start {
      case .saved: .saved
      case .beginning: .beginning
      case .end: .end
      }
    return result
  }
}

extension Settings.Events {
  func configuration(named name: String) throws(SettingsRefusal) -> CSVConfiguration {
    var result = try file.configuration(named: name)
    // Events of different threads need not be in order, and several may happen at once.
    result.timeOrder = .asRecorded
    result.prefix = file.prefix ?? name
    var columns = CSVConfiguration.TraceColumns()
    columns.event = eventColumn?.csv
    columns.thread = threadColumn?.csv
    columns.maximumStreams = maximumStreams
    columns.streamTimeout = streamTimeout
    result.events = columns
    return result
  }
}

/// A setting that is well formed and yet of no use.
public struct SettingsRefusal: Error, Equatable, CustomStringConvertible {
  /// The section's header without brackets.
  public var section: String
  /// The key.
  public var key: String
  /// Where the value was given; nil where it is a default.
  public var origin: SettingsOrigin?
  /// What was expected, and what was found.
  public var reason: String

  /// One line for a person.
  public var description: String {
    (origin.map { "\($0): " } ?? "") + "[\(section)] \(key)=: \(reason)"
  }
}

extension Settings.Column {
  fileprivate var csv: CSVColumn {
    switch self {
    case .name(let name): .named(name)
    case .position(let position): .position(position)
    }
  }
}

extension Settings.Input {
  fileprivate var refusal: SettingsRefusal? {
    do throws(SettingsRefusal) {
      _ = try makeInput()
      return nil
    } catch {
      return error
    }
  }
}

extension Settings.Output {
  /// A template is used by another program, but who checks the configuration wants to hear of it.
  fileprivate var refusal: SettingsRefusal? {
    guard case .webhook(let webhook) = sink, webhook.format == .template else { return nil }
    do throws(TemplateError) {
      _ = try Template(path: webhook.template)
      return nil
    } catch {
      return SettingsRefusal(
        section: "Output \(name)", key: "Template", reason: error.description)
    }
  }

  /// The output that the section describes.
  /// - Parameters:
  ///   - style: how lines on standard output look.
  ///   - stateDirectory: what the outboxes lie in.
  func makeOutput(
    clock: @escaping () -> Timestamp, style: Style, stateDirectory: String
  ) -> any Output {
    switch sink {
    case .journal: JournalOutput(name: name, clock: clock)
    case .file(let path, let keeping):
      FileOutput(name: name, path: path, keeping: keeping.outputs, clock: clock)
    case .terminal: TerminalOutput(name: name, style: style, clock: clock)
    case .webhook(let webhook):
      OutboxOutput(
        name: name, root: stateDirectory + "/outbox",
        speech: webhook.speak == .incidents ? .incidents : .events,
        minimumSeverity: webhook.minimumSeverity, maximumBytes: webhook.maximumBytes,
        maximumAge: webhook.maximumAge, clock: clock)
    }
  }

  /// `Type=`.
  var typeName: String {
    switch sink {
    case .journal: "journal"
    case .file: "file"
    case .terminal: "terminal"
    case .webhook: "webhook"
    }
  }
}

extension Settings.FileKeeping {
  /// What the output makes of it.
  fileprivate var outputs: FileKeeping {
    var result = FileKeeping()
    result.maximumBytes = maximumBytes
    result.keptFiles = keptFiles
    result.sync =
      switch sync {
      case .always: .always
      case .interval: .interval
      case .no: .no
      }
    return result
  }
}

extension Settings {
  /// What only the rooms themselves can find wrong; empty when all can be used.
  public var refusals: [SettingsRefusal] {
    let found = inputs.compactMap(\.refusal) + outputs.compactMap(\.refusal)
    return found.map { refusal in
      var refusal = refusal
      refusal.origin = origin(section: refusal.section, key: refusal.key)
      return refusal
    }
  }

  /// What is decided about a metric.
  func policy(for metric: MetricName) -> MetricPolicy {
    if ignores(metric) { return .ignore }
    let rules = eventRules(of: metric)
    switch alarmBudget(of: metric) {
    case .samples(let samples):
      return .watch(DetectorConfiguration(seed: detector.seed, alarmBudget: samples), rules)
    case .host:
      return .watch(
        DetectorConfiguration(
          seed: detector.seed, alarmBudget: HostBudget.fewestSamplesPerAlarm),
        rules,
        sharesHostBudget: true
      )
    }
  }

  /// Alarms a day of the budget that metrics share; where none does, of the standard one.
  var alarmsPerDay: Double {
    detector.alarmBudget.alarmsPerDay ?? AlarmBudget.standardAlarmsPerDay
  }

  /// The limits of the monitor.
  var limits: HostMonitor.Limits {
    var limits = HostMonitor.Limits(metrics: agent.maximumMetrics, history: agent.historySamples)
    limits.silenceBytes = agent.silenceMemory
    limits.forgetAfter = agent.forgetAfter
    return limits
  }
}
