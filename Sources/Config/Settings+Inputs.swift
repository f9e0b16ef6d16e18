public import Calendar

extension Settings {
  /// `[Input NAME]` with `Type=procfs`: this host, as the kernel counts it.
  public struct Procfs: Equatable, Sendable {
    /// `Interval=`: time between readings, 100 ms...1 day.
    public var interval: Duration = .seconds(5)
    /// `RootPath=`: the directory that holds `proc` and `sys`.
    public var rootPath = "/"
    /// `Collectors=`: what is read, never empty.
    public var collectors = Collector.defaults
    /// `IncludeDevices=`: patterns of block devices; empty for all disks. Partitions need a
    /// pattern that means them and not their disk, such as `sda?`.
    public var includeDevices: [String] = []
    /// `ExcludeDevices=`: patterns of block devices to leave out; wins over `IncludeDevices=`.
    public var excludeDevices = ["loop*", "ram*", "zram*", "dm-*", "sr*", "fd*", "nbd*"]
    /// `IncludeInterfaces=`: patterns of network interfaces; empty for all.
    public var includeInterfaces: [String] = []
    /// `ExcludeInterfaces=`: patterns of interfaces to leave out; wins over `IncludeInterfaces=`.
    public var excludeInterfaces = [
      "lo", "veth*", "docker*", "br-*", "podman*", "cni*", "cali*", "cilium_*", "lxc*", "flannel*",
      "virbr*", "vnet*", "tap*", "ifb*", "dummy*",
    ]
    /// `IncludeFilesystems=`: patterns of the paths where filesystems are mounted; empty for all
    /// that keep data on a local device. With patterns, those in memory and the like count too.
    public var includeFilesystems: [String] = []
    /// `ExcludeFilesystems=`: patterns of mounts to leave out; wins over `IncludeFilesystems=`.
    public var excludeFilesystems = ["/snap/*", "/var/lib/docker/*", "/var/lib/containers/*"]
    /// `IncludeSensors=`: patterns of hwmon sensors by chip and label; empty for all.
    public var includeSensors: [String] = []
    /// `ExcludeSensors=`: patterns of sensors to leave out; wins over `IncludeSensors=`.
    public var excludeSensors: [String] = []
    /// `IncludeInterrupts=`: patterns of interrupts by handler and label; empty for all.
    public var includeInterrupts: [String] = []
    /// `ExcludeInterrupts=`: patterns of interrupts to leave out; wins over `IncludeInterrupts=`.
    public var excludeInterrupts: [String] = []
    /// `Units=`: patterns of systemd units; empty for none.
    public var units: [String] = []
    /// `SilenceAfter=`: how long it may deliver nothing; nil (`infinity`): for ever.
    public var silenceAfter: Duration? = .seconds(300)

    /// The defaults.
    public init() {}
  }

  /// One group of metrics of this host, a word of `Collectors=`.
  public enum Collector: String, CaseIterable, Sendable {
    /// CPU time per mode, and busy.
    case cpu
    /// Load averages.
    case load
    /// Memory by use.
    case memory
    /// Swap space and swapping.
    case swap
    /// Block devices.
    case disk
    /// Network interfaces.
    case network
    /// Pressure stall information.
    case pressure
    /// Processes, forks, context switches and interrupts.
    case processes
    /// CPU time per mode of each processor.
    case cores
    /// Interrupts by what they come from.
    case interrupts
    /// Use of local filesystems.
    case filesystem
    /// TCP segments, connections and retransmits.
    case tcp
    /// UDP datagrams and errors.
    case udp
    /// Sockets that exist.
    case sockets
    /// Connections that the firewall follows.
    case conntrack
    /// Open file descriptors.
    case files
    /// The kernel's pool of randomness.
    case entropy
    /// Temperatures of thermal zones.
    case thermal
    /// Temperatures, fans and voltages of hwmon.
    case sensors
    /// Control groups of chosen systemd units.
    case units
    /// How far the clock is from the right time.
    case clock

    /// All but those with very many metrics, that are slow to read, or rarely say anything.
    public static let defaults = Set(allCases).subtracting([
      .cores, .interrupts, .sensors, .entropy,
    ])
  }

  /// `[Input NAME]` with `Type=csv`: a table in a growing text file.
  public struct CSV: Equatable, Sendable {
    /// `Interval=`: time between looks at the file, 100 ms...1 day.
    public var interval: Duration = .seconds(1)
    /// `Path=`: patterns of the files; absolute, at least one.
    public var paths: [String] = []
    /// `MaximumFiles=`: the most files that match and are followed, 1...10,000.
    public var maximumFiles = 200
    /// `Header=`: whether the first line names the columns.
    public var header = Header.auto
    /// `TimestampColumn=`: where the time stamps are.
    public var timestampColumn = TimestampColumn.auto
    /// `TimestampFormat=`: how the time stamps are written.
    public var timestampFormat = TimestampFormat.auto
    /// `TimeZone=`: the zone of time stamps that say none.
    public var timeZone = TimeZoneRules.utc
    /// `Delimiter=`: the byte between two cells; nil to find out.
    public var delimiter: UInt8?
    /// `ValueColumns=`: the columns to watch; empty for all but the time stamps.
    public var valueColumns: [Column] = []
    /// `Prefix=`: what metric names begin with, before the dot; nil for the name of the input, and
    /// with patterns for that and the file's name. Empty: the bare column name.
    public var prefix: String?
    /// `Start=`: where to begin to read.
    public var start = Start.saved
    /// `SilenceAfter=`: how long it may deliver nothing; nil (`infinity`): for ever.
    public var silenceAfter: Duration?

    /// The defaults; `paths` must still be set.
    public init() {}
  }

  /// `Header=`.
  public enum Header: String, CaseIterable, Sendable {
    /// A first line with cells that are neither numbers nor time stamps is a header.
    case auto
    /// There is one.
    case yes
    /// There is none.
    case no
  }

  /// A column of a table.
  public enum Column: Hashable, Sendable {
    /// By the name in the header.
    case name(String)
    /// By position, the first is 1.
    case position(Int)
  }

  /// `TimestampColumn=`.
  public enum TimestampColumn: Hashable, Sendable {
    /// The first column that holds time stamps, if any.
    case auto
    /// No column holds time stamps: the moment of reading counts.
    case none
    /// This one.
    case column(Column)
  }

  /// `TimestampFormat=`.
  public enum TimestampFormat: Hashable, Sendable {
    /// Found out from the first rows.
    case auto
    /// ISO 8601 or RFC 3339.
    case iso8601
    /// Seconds since 1970, with or without a fraction.
    case epochSeconds
    /// Milliseconds since 1970.
    case epochMilliseconds
    /// A pattern in the manner of strptime(3), with at least one `%`.
    case pattern(String)
  }

  /// `Start=`.
  public enum Start: String, CaseIterable, Sendable {
    /// Where the last run stopped; at the beginning of a file not seen before.
    case saved
    /// At the beginning of the file, each time.
    case beginning
    /// At the end of the file: only what is added from now on.
    case end
  }
}
