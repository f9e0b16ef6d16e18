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
  /// The most disks, and the most interfaces, that are watched at once, >= 1; the others are
  /// left out with one notice.
  public var maximumDevices: Int

  /// Everything that has a default: this host, every 5 s, all collectors, no virtual devices.
  public init(
    name: String = "host",
    interval: Duration = .seconds(5),
    rootPath: String = "/",
    collectors: Set<ProcfsCollector> = Set(ProcfsCollector.allCases),
    disks: NameFilter = ProcfsConfiguration.defaultDisks,
    interfaces: NameFilter = ProcfsConfiguration.defaultInterfaces,
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
}
