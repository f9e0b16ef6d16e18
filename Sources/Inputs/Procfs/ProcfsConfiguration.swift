/// What the `procfs` input reads, and how often.
public struct ProcfsConfiguration: Equatable, Sendable {
  /// The name of the configuration section, such as `host` in `[Input host]`.
  public var name: String
  /// The time between two polls, > 0. The agent calls ``ProcfsInput/poll(now:into:)`` this often;
  /// rates are averages over the time that really went by.
  public var interval: Duration
  /// The directory in which `proc` lies; `/` for this host.
  public var rootPath: String
  /// Which collectors run.
  public var collectors: Set<ProcfsCollector>
  /// Which block devices are watched; partitions only where a pattern means just them.
  public var disks: NameFilter
  /// Which network interfaces are watched.
  public var interfaces: NameFilter
  /// Which local filesystems are watched, by the paths where they are mounted. With patterns to
  /// include, those in memory and the like are too. Ones that a server or another program answers
  /// for are never asked.
  public var filesystems: NameFilter
  /// Which sensors are watched, by chip and label, such as `coretemp.0.Core_0`.
  public var sensors: NameFilter
  /// Which interrupts are watched, by handler and label, such as `nvme0q1.27` or `LOC`.
  public var interrupts: NameFilter
  /// Patterns of systemd units that are watched, at most 64 at once; none for no unit.
  public var units: [String]
  /// The most disks, interfaces, processors, filesystems, zones, sensors and interrupts, of each,
  /// that are watched at once, >= 1; the others are left out with one notice.
  public var maximumDevices: Int

  /// Everything that has a default: this host, every 5 s, no virtual devices, and those collectors
  /// of which a host has not too many metrics.
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

  /// All disks but those that only pass on what another one does, or hold no data of their own.
  public static let defaultDisks = NameFilter(
    exclude: ["loop*", "ram*", "zram*", "dm-*", "sr*", "fd*", "nbd*"]
  )

  /// All interfaces but the loopback and those that containers and virtual machines bring along.
  public static let defaultInterfaces = NameFilter(
    exclude: [
      "lo", "veth*", "docker*", "br-*", "podman*", "cni*", "cali*", "cilium_*", "lxc*", "flannel*",
      "virbr*", "vnet*", "tap*", "ifb*", "dummy*",
    ]
  )

  /// All filesystems on local devices but the layers of containers and the images of snaps.
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
  /// Use of memory and page faults: `memory.available_bytes`, ...
  case memory
  /// Use of swap space and traffic to it, where there is any: `swap.used_bytes`, ...
  case swap
  /// Block devices: `disk.sda.read_bytes_per_second`, ...
  case disk
  /// Network interfaces: `network.eth0.receive_bytes_per_second`, ...
  case network
  /// Share of time in which tasks waited for a resource: `pressure.io.some`, ...
  case pressure
  /// Processes and what the kernel does for them: `processes.running`,
  /// `kernel.context_switches_per_second`, ...
  case processes
  /// Share of time per mode of each processor: `cpu.core0.busy`, ...
  case cores
  /// Interrupts by what they come from: `interrupt.nvme0q1.27.per_second`,
  /// `soft_interrupt.NET_RX.per_second`, ...
  case interrupts
  /// Use of local filesystems: `filesystem./.used_ratio`, ...
  case filesystem
  /// TCP: `tcp.retransmitted_segments_per_second`, ...
  case tcp
  /// UDP: `udp.receive_errors_per_second`, ...
  case udp
  /// Sockets that exist: `sockets.tcp_in_use`, ...
  case sockets
  /// Connections that the firewall follows: `conntrack.entries`, ...
  case conntrack
  /// File descriptors: `files.open`, ...
  case files
  /// The kernel's pool of randomness: `entropy.available_bits`.
  case entropy
  /// Temperatures of thermal zones: `thermal.acpitz.celsius`, ...
  case thermal
  /// Temperatures, fans, voltages of hwmon: `sensors.nct6775.656.fan2.rpm`, ...
  case sensors
  /// Control groups of chosen systemd units: `unit.nginx.service.memory_bytes`, ...
  case units
  /// How far the clock is from the right time: `clock.offset_seconds`, ...
  case clock

  /// All but those with very many metrics (cores, interrupts), that are slow to read (sensors), or
  /// say nothing on newer kernels (entropy).
  public static let defaults = Set(allCases).subtracting([
    .cores, .interrupts, .sensors, .entropy,
  ])
}
