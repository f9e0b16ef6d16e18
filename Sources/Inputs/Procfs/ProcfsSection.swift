public import Config
import Series

/// `[Input NAME]` with `Type=procfs`: this host, as the kernel counts it.
public struct ProcfsSection: InputSection {
  /// `Type=`.
  public static let typeName = "procfs"
  /// Its name.
  public static let summary = "the counters of this host"
  /// The manual's introduction.
  public static let manual = "The counters of this host. Two sections must not share a collector."
  /// This host is monitored unless inputs are configured.
  public static let defaultName: String? = "host"

  /// `Interval=`: time between readings, 100 ms...1 day; rates are averages over the actually
  /// elapsed time.
  public var interval: Duration = .seconds(5)
  /// `RootPath=`: the directory that contains `proc` and `sys`; `/` for this host.
  public var rootPath = "/"
  /// `Collectors=`: words of ``allCollectors``.
  public var collectors = ProcfsSection.defaultCollectors
  /// `IncludeDevices=` and `ExcludeDevices=`: which block devices are monitored; partitions only if
  /// a pattern selects just them, such as `sda?`. By default excludes devices that only pass on the
  /// I/O of another one, or hold no data of their own.
  public var disks = NameFilter(
    exclude: ["loop*", "ram*", "zram*", "dm-*", "sr*", "fd*", "nbd*"]
  )
  /// `IncludeInterfaces=` and `ExcludeInterfaces=`: which network interfaces are monitored. By
  /// default excludes the loopback and those created by containers and virtual machines.
  public var interfaces = NameFilter(
    exclude: [
      "lo", "veth*", "docker*", "br-*", "podman*", "cni*", "cali*", "cilium_*", "lxc*", "flannel*",
      "virbr*", "vnet*", "tap*", "ifb*", "dummy*",
    ]
  )
  /// `IncludeFilesystems=` and `ExcludeFilesystems=`: which local filesystems are monitored, by
  /// their mount points. With include patterns, in-memory ones and the like are accepted too.
  /// Filesystems that a server or another program answers for are never queried.
  public var filesystems = NameFilter(
    exclude: ["/snap/*", "/var/lib/docker/*", "/var/lib/containers/*"]
  )
  /// `IncludeSensors=` and `ExcludeSensors=`: which sensors are monitored, by chip and label, such
  /// as `coretemp.0.Core_0`.
  public var sensors = NameFilter()
  /// `IncludeInterrupts=` and `ExcludeInterrupts=`: which interrupts are monitored, by handler and
  /// label, such as `nvme0q1.27` or `LOC`.
  public var interrupts = NameFilter()
  /// `Units=`: patterns of monitored systemd units, at most 64 at a time; empty for none.
  public var units: [String] = []
  /// `StallAfter=`: how long it may deliver nothing; nil (`infinity`): forever.
  public var stallAfter: Duration? = .seconds(300)

  /// Maximum number of disks, interfaces, processors, filesystems, zones, sensors and interrupts,
  /// each, that are monitored at a time, >= 1; the others are left out with one notice.
  public var maximumDevices = 256

  /// The defaults.
  public init() {}

  /// The words of `Collectors=`, in the order in which they are read.
  public static let allCollectors = Collectors.all.map { $0.word }
  /// The default ones.
  public static let defaultCollectors = Set(
    Collectors.all.filter { $0.isDefault }.map { $0.word })

  /// The host.
  public var subject: String {
    rootPath == "/" ? "this host" : "the host below \(rootPath)"
  }
  /// The interval.
  public var rhythm: InputRhythm { .every(interval) }
  /// Two, since rates need two readings.
  public var trialPlan: InputTrialPlan { .readings(2) }

  /// With an interval short enough for a person to wait for.
  public func forTrial() -> ProcfsSection {
    var result = self
    result.interval = min(interval, .seconds(5))
    return result
  }

  /// The input `name`.
  public func make(name: String) -> any Input { ProcfsInput(name: name, configuration: self) }

  /// Two inputs that read the same counters would deliver each metric twice.
  public func conflict(with earlier: ProcfsSection) -> SectionConflict? {
    let twice = ProcfsSection.allCollectors.filter {
      collectors.contains($0) && earlier.collectors.contains($0)
    }
    guard !twice.isEmpty else { return nil }
    let words = twice.joined(separator: " ")
    return SectionConflict(key: "Collectors", reason: "both read \(words)")
  }

  /// Rules for the host's own metrics: minimum deviations, metrics that are only shown, limits, and
  /// possible values.
  public static let metricRules: [MetricSection] =
    Collectors.all.flatMap { $0.leastDeviations }.map { least in
      MetricSection(builtIn: least.pattern) {
        $0.minimumDeviation = least.absolute
        $0.minimumRelativeDeviation = least.percent
      }
    }
    + ShownMetrics.all.map { shown in
      MetricSection(builtIn: shown.pattern) { $0.detect = false }
    }
    + MetricSection.hostLimits
    + PossibleValues.all.map { possible in
      MetricSection(builtIn: possible.pattern) { $0.possible = possible.range }
    }

  /// The keys.
  public static let keys: [Key<ProcfsSection>] = [
    .interval(\.interval, "Sampling interval."),
    Key(
      "RootPath",
      \.rootPath,
      .absolutePath,
      "The directory that contains proc and sys: / unless a host is monitored from inside a "
        + "container."
    ),
    Key(
      "Collectors",
      \.collectors,
      ProcfsSyntax.collectors,
      "The collectors to read. default is all except cores (six metrics per processor), "
        + "interrupts (one per line of /proc/interrupts and /proc/softirqs), sensors (many, and "
        + "slow on some chips) and entropy (constant since Linux 5.18); default cores adds one to "
        + "these. A second assignment adds to the first; an empty one restores the default."
    ),
    Key(
      "IncludeDevices",
      \.disks.include,
      .globs,
      "Block devices to monitor, as patterns; empty for all. A second assignment adds to the "
        + "first, an empty one clears the list.",
      example: "sd* nvme?n1"
    ),
    Key(
      "ExcludeDevices",
      \.disks.exclude,
      .globs,
      "Block devices to exclude, even if IncludeDevices= matches them. The first assignment "
        + "replaces the default."
    ),
    Key(
      "IncludeInterfaces",
      \.interfaces.include,
      .globs,
      "Network interfaces to monitor, as patterns; empty for all.",
      example: "eth* en*"
    ),
    Key(
      "ExcludeInterfaces",
      \.interfaces.exclude,
      .globs,
      "Network interfaces to exclude, even if IncludeInterfaces= matches them."
    ),
    Key(
      "IncludeFilesystems",
      \.filesystems.include,
      .globs,
      "Filesystems to monitor, as patterns of their mount points; empty for all that store data "
        + "on a local device. Patterns may also match tmpfs, overlays and images. Network and "
        + "FUSE filesystems are never monitored: querying them could block indefinitely.",
      example: "/ /home /srv/*"
    ),
    Key(
      "ExcludeFilesystems",
      \.filesystems.exclude,
      .globs,
      "Filesystems to exclude, even if IncludeFilesystems= matches them."
    ),
    Key(
      "IncludeSensors",
      \.sensors.include,
      .globs,
      "hwmon sensors to monitor, as patterns of chip and label such as nct6775.656.fan2; empty "
        + "for all. Requires the collector sensors.",
      example: "nct6775.*"
    ),
    Key(
      "ExcludeSensors",
      \.sensors.exclude,
      .globs,
      "Sensors to exclude, even if IncludeSensors= matches them.",
      example: "*.fan5"
    ),
    Key(
      "IncludeInterrupts",
      \.interrupts.include,
      .globs,
      "Interrupts to monitor, as patterns of handler and number such as nvme0q1.27, or of the "
        + "label of those without a handler, such as LOC and NET_RX; empty for all. Requires the "
        + "collector interrupts.",
      example: "nvme* NET_RX"
    ),
    Key(
      "ExcludeInterrupts",
      \.interrupts.exclude,
      .globs,
      "Interrupts to exclude, even if IncludeInterrupts= matches them.",
      example: "LOC"
    ),
    Key(
      "Units",
      \.units,
      .globs,
      "Systemd units to monitor through their control groups, as patterns such as nginx.service; "
        + "empty for none. Nine metrics each, at most 64 units. Requires cgroup v2.",
      example: "nginx.service postgresql.service"
    ),
    .stallAfter("A host always delivers samples."),
  ]
}

/// The syntax of collectors.
private enum ProcfsSyntax {
  /// Words of ``ProcfsSection/allCollectors``, `default` for the default ones, `all` for all.
  static let collectors = ValueSyntax<Set<String>>(
    expectation: "default, all, or any of "
      + ProcfsSection.allCollectors.joined(separator: " "),
    adding: { $0.union($1) }
  ) { text in
    guard let words = Words.split(text), !words.isEmpty else { return nil }
    var result: Set<String> = []
    for word in words {
      switch word.text {
      case "all": result.formUnion(ProcfsSection.allCollectors)
      case "default": result.formUnion(ProcfsSection.defaultCollectors)
      default:
        guard ProcfsSection.allCollectors.contains(word.text) else { return nil }
        result.insert(word.text)
      }
    }
    return result
  } format: { collectors in
    if collectors.count == ProcfsSection.allCollectors.count { return "all" }
    var words = collectors
    var result: [String] = []
    if words.isSuperset(of: ProcfsSection.defaultCollectors) {
      words.subtract(ProcfsSection.defaultCollectors)
      result.append("default")
    }
    result += ProcfsSection.allCollectors.filter(words.contains)
    return result.joined(separator: " ")
  }
}
