/// One group of metrics of the host: a word of `Collectors=`, and its implementation.
///
/// A collector is a type of its own with an entry in ``Collectors/all``.
protocol Collector: AnyObject, SendableMetatype {
  /// Its word in `Collectors=`.
  static var word: String { get }
  /// Whether it is among the `default` ones: not those with very many metrics, slow reads, or
  /// little information.
  static var isDefault: Bool { get }
  /// Minimum deviations of its metrics for an event to open, unless configured otherwise. The last
  /// matching pattern applies.
  static var leastDeviations: [LeastDeviation] { get }

  /// A collector that opens nothing before its first reading.
  init(_ host: CollectorHost)
  /// Takes one reading. Problems are counted and reported by the affected file.
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

/// Minimum deviations for an event to open: smaller deviations matter to nobody, however rare they
/// are.
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

/// Everything that collectors are created from: the host, its configuration, and files used by more
/// than one collector.
struct CollectorHost {
  let section: ProcfsSection
  /// Kernel data other than files.
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

  /// The directory that contains `proc` and `sys`.
  var root: String { section.rootPath }
  /// Maximum number of devices of one kind.
  var maximumDevices: Int { section.maximumDevices }

  /// A file below the root.
  func file(_ path: String, _ presence: ProcfsFile.Presence = .required) -> ProcfsFile {
    ProcfsFile(path, below: root, presence)
  }
}

/// The possible values of the host's own metrics: expected values are shown within them.
enum PossibleValues {
  private static let share = 0.0...1.0
  private static let count = 0.0...Double.infinity
  private static let celsius = -273.15...Double.infinity

  /// By metric names; the last matching pattern applies.
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
