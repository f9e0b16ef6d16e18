/// One group of metrics of the host: a word of `Collectors=`, and what reads it.
///
/// A collector is a type of its own with an entry in ``Collectors/all``.
protocol Collector: AnyObject, SendableMetatype {
  /// Its word in `Collectors=`.
  static var word: String { get }
  /// Whether it is among the `default` ones: not those with very many metrics, that are slow to read,
  /// or that rarely say anything.
  static var isDefault: Bool { get }
  /// How far its metrics must be off for an event to open, unless configured otherwise. The last
  /// pattern that matches counts.
  static var leastDeviations: [LeastDeviation] { get }

  /// A collector that opens nothing before its first reading.
  init(_ host: CollectorHost)
  /// Takes one reading. What goes wrong is counted and reported by the file that it is in.
  func collect(_ tick: ProcfsTick)
}

extension Collector {
  static var isDefault: Bool { true }
  static var leastDeviations: [LeastDeviation] { [] }
}

/// The collectors.
enum Collectors {
  /// All of them, in the order in which they read.
  static let all: [any Collector.Type] = [
    CPUCollector.self,
    LoadCollector.self,
    MemoryCollector.self,
    SwapCollector.self,
    DeviceCollector<DiskRows>.self,
    DeviceCollector<InterfaceRows>.self,
    PressureCollector.self,
    ProcessesCollector.self,
    CoresCollector.self,
    InterruptsCollector.self,
    FilesystemsCollector.self,
    TCPCollector.self,
    UDPCollector.self,
    SocketsCollector.self,
    ConntrackCollector.self,
    FilesCollector.self,
    EntropyCollector.self,
    EDACCollector.self,
    DeviceErrorsCollector.self,
    ThermalCollector.self,
    SensorsCollector.self,
    UnitsCollector.self,
    ClockCollector.self,
  ]
}

/// How far metrics must be off for an event to open: below that nobody would get up, however rare it
/// is.
package struct LeastDeviation {
  /// Of the metrics' names.
  let pattern: String
  /// In the unit of the metric, docs/host-metrics.md.
  let absolute: Double
  /// In percent of the expected value; nil: only ``absolute`` counts.
  let percent: Double?

  init(_ pattern: String, _ absolute: Double, percent: Double? = nil) {
    self.pattern = pattern
    self.absolute = absolute
    self.percent = percent
  }
}

/// What collectors are made from: the host, what is configured about it, and the files that more than
/// one collector reads.
struct CollectorHost {
  let section: ProcfsSection
  /// What the kernel is asked beside files.
  let calls: HostCalls
  let stat: ProcfsSource<KernelStat>
  let meminfo: ProcfsSource<KeyedReading<MemoryKey>>
  let vmstat: ProcfsSource<KeyedReading<PagingKey>>
  let loadavg: ProcfsSource<LoadAverages>
  let snmp: ProcfsSource<ProtocolReading<TransportKey>>

  init(_ section: ProcfsSection, _ calls: HostCalls) {
    self.section = section
    self.calls = calls
    let root = section.rootPath
    // The lines of single processors are read for one collector only.
    let maximumCores =
      section.collectors.contains(CoresCollector.word) ? section.maximumDevices : 0
    stat = ProcfsSource(
      ProcfsFile("proc/stat", below: root), KernelStat(maximumCores: maximumCores))
    snmp = ProcfsSource(ProcfsFile("proc/net/snmp", below: root), ProtocolReading(.headings))
    meminfo = ProcfsSource(ProcfsFile("proc/meminfo", below: root), KeyedReading())
    vmstat = ProcfsSource(ProcfsFile("proc/vmstat", below: root), KeyedReading())
    loadavg = ProcfsSource(ProcfsFile("proc/loadavg", below: root), LoadAverages())
  }

  /// The directory in which `proc` and `sys` are.
  var root: String { section.rootPath }
  /// The most devices of one kind.
  var maximumDevices: Int { section.maximumDevices }

  /// A file below the root.
  func file(_ path: String, _ presence: ProcfsFile.Presence = .required) -> ProcfsFile {
    ProcfsFile(path, below: root, presence)
  }
}

/// The values that the host's own metrics can have: what is shown as expected lies within them.
enum PossibleValues {
  private static let share = 0.0...1.0
  private static let count = 0.0...Double.infinity
  private static let celsius = -273.15...Double.infinity

  /// By the names of metrics; the last pattern that matches counts.
  static let all: [(pattern: String, range: ClosedRange<Double>)] =
    [
      "load.*", "memory.*", "swap.*", "disk.*", "filesystem.*", "network.*", "tcp.*", "udp.*",
      "sockets.*", "conntrack.*", "files.*", "sensors.*.rpm", "clock.maximum_error_seconds",
      "edac.*", "ext4.*", "btrfs.*", "raid.*", "scsi.*", "unit.*", "interrupt.*",
      "soft_interrupt.*",
      "entropy.*", "processes.*", "kernel.*",
    ].map { ($0, count) }
    + [
      "cpu.*", "memory.used_ratio", "swap.used_ratio", "disk.*.utilisation", "filesystem.*_ratio",
      "filesystem.*.read_only", "conntrack.used_ratio", "files.used_ratio", "clock.synchronised",
      "pressure.*",
    ].map { ($0, share) }
    + ["thermal.*", "sensors.*.celsius"].map { ($0, celsius) }
    + [("sensors.*.humidity_percent", 0...100)]
}
