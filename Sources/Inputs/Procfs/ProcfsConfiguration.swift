/// What the `procfs` input reads, and how often.
public struct ProcfsConfiguration: Equatable, Sendable {
  /// The name of the configuration section, such as `host` in `[Input host]`.
  public var name: String
  /// The time between two polls, > 0. The daemon calls ``ProcfsInput/poll(now:into:)`` this often;
  /// rates are averages over the time that actually elapsed.
  public var interval: Duration
  /// The directory that contains `proc`; `/` for this host.
  public var rootPath: String
  /// Which collectors run.
  public var collectors: Set<ProcfsCollector>
  /// Which block devices are watched; partitions only if a pattern selects them specifically.
  public var disks: NameFilter
  /// Which network interfaces are watched.
  public var interfaces: NameFilter
  /// Which local filesystems are watched, by mount point. With include patterns, those in memory
  /// and the like are watched too. Filesystems served by a server or another program are never
  /// queried.
  public var filesystems: NameFilter
  /// Which sensors are watched, by chip and label, such as `coretemp.0.Core_0`.
  public var sensors: NameFilter
  /// Which interrupts are watched, by handler and label, such as `nvme0q1.27` or `LOC`.
  public var interrupts: NameFilter
  /// Patterns of systemd units that are watched, at most 64 at once; empty for none.
  public var units: [String]
  /// The maximum number of disks, interfaces, processors, filesystems, zones, sensors and
  /// interrupts, of each, watched at once, >= 1; the others are left out with one notice.
  public var maximumDevices: Int

  /// The defaults: this host, every 5 s, no virtual devices, and the collectors that do not produce
  /// too many metrics.
  public init(
    name: String = "host",
    interval: Duration = .seconds(5),
    rootPath: String = "/",
    collectors: Set<ProcfsCollector> = ProcfsCollector.defaults,
    disks: NameFilter = ProcfsConfiguration.defaultDisks,
    interfaces: NameFilter = ProcfsConfiguration.defaultInterfaces,
    filesystems: NameFilter = ProcfsConfiguration.defaultFilesystems,
    sensors: NameFilter = NameFilter(),
    interrupts: NameFilter = NameFilter(),
    units: [String] = [],
    maximumDevices: Int = 256
  ) {
    precondition(interval > .zero, "the interval of a procfs input must be positive")
    precondition(maximumDevices >= 1, "a procfs input needs room for at least one device")
    self.name = name
    self.interval = interval
    self.rootPath = rootPath
    self.collectors = collectors
    self.disks = disks
    self.interfaces = interfaces
    self.filesystems = filesystems
    self.sensors = sensors
    self.interrupts = interrupts
    self.units = units
    self.maximumDevices = maximumDevices
  }

  /// All disks except those that only pass requests on to another one or hold no data of their own.
  public static let defaultDisks = NameFilter(
    exclude: ["loop*", "ram*", "zram*", "dm-*", "sr*", "fd*", "nbd*"]
  )

  /// All interfaces except the loopback and those created for containers and virtual machines.
  public static let defaultInterfaces = NameFilter(
    exclude: [
      "lo", "veth*", "docker*", "br-*", "podman*", "cni*", "cali*", "cilium_*", "lxc*", "flannel*",
      "virbr*", "vnet*", "tap*", "ifb*", "dummy*",
    ]
  )

  /// All filesystems on local devices except container layers and snap images.
  public static let defaultFilesystems = NameFilter(
    exclude: ["/snap/*", "/var/lib/docker/*", "/var/lib/containers/*"]
  )
}

/// One subject of the `procfs` input.
public enum ProcfsCollector: String, CaseIterable, Hashable, Sendable {
  /// Share of time per mode, over all processors: `cpu.busy`, `cpu.user`, ...
  case cpu
  /// Load averages: `load.1m`, `load.5m`, `load.15m`.
  case load
  /// Memory usage and page faults: `memory.available_bytes`, ...
  case memory
  /// Swap usage and traffic, if there is swap: `swap.used_bytes`, ...
  case swap
  /// Block devices: `disk.sda.read_bytes_per_second`, ...
  case disk
  /// Network interfaces: `network.eth0.receive_bytes_per_second`, ...
  case network
  /// Share of time in which tasks stalled on a resource: `pressure.io.some`, ...
  case pressure
  /// Processes and kernel activity: `processes.running`,
  /// `kernel.context_switches_per_second`, ...
  case processes
  /// Share of time per mode of each processor: `cpu.core0.busy`, ...
  case cores
  /// Interrupts by source: `interrupt.nvme0q1.27.per_second`,
  /// `soft_interrupt.NET_RX.per_second`, ...
  case interrupts
  /// Usage of local filesystems: `filesystem./.used_ratio`, ...
  case filesystem
  /// TCP: `tcp.retransmitted_segments_per_second`, ...
  case tcp
  /// UDP: `udp.receive_errors_per_second`, ...
  case udp
  /// Sockets in existence: `sockets.tcp_in_use`, ...
  case sockets
  /// Connections tracked by the firewall: `conntrack.entries`, ...
  case conntrack
  /// File descriptors: `files.open`, ...
  case files
  /// The kernel's entropy pool: `entropy.available_bits`.
  case entropy
  /// Temperatures of thermal zones: `thermal.acpitz.celsius`, ...
  case thermal
  /// Temperatures, fans, voltages of hwmon: `sensors.nct6775.656.fan2.rpm`, ...
  case sensors
  /// Control groups of chosen systemd units: `unit.nginx.service.memory_bytes`, ...
  case units
  /// How far the clock is from true time: `clock.offset_seconds`, ...
  case clock

  /// All except those that produce very many metrics (cores, interrupts), are slow to read
  /// (sensors) or are meaningless on newer kernels (entropy).
  public static let defaults = Set(allCases).subtracting([
    .cores, .interrupts, .sensors, .entropy,
  ])
}
