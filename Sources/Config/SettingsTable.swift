/// The settings table: every section, and every key with its form and its help. The defaults are
/// those of the structs.
enum SettingsTable {
  static let alarmBudgetRange = 10.0...1e9
  static let intervalRange: ClosedRange<Duration> = .milliseconds(100) ... .seconds(86_400)

  static let agent: [Key<Settings.Agent>] = [
    Key(
      "MaximumMetrics",
      \.maximumMetrics,
      .wholeNumber(1...1_000_000),
      "The most metrics that are watched at once. New ones beyond it are refused, counted and shown "
        + "by anomalyctl status. Every metric costs some 30 kB of memory; MemoryHigh= and MemoryMax= "
        + "of anomalyd.service leave room for some 12000, so raise them with this."
    ),
    Key(
      "ForgetAfter",
      \.forgetAfter,
      .timeSpanOrInfinity(.seconds(3600) ... .seconds(10 * 366 * 86_400)),
      "After how long without a sample a metric is forgotten, with what was learnt about it; only "
        + "time counts in which the daemon runs. Where the table is full, a new metric takes the "
        + "place of the one that has been without a sample for longest, if that is an hour and no "
        + "event of it is open."
    ),
    Key(
      "StateDirectory",
      \.stateDirectory,
      .absolutePath,
      "The directory that keeps models and reading positions over a restart. Under systemd the "
        + "default is $STATE_DIRECTORY."
    ),
    Key(
      "ControlSocket",
      \.controlSocket,
      .socketPath,
      "The socket on which anomalyctl finds the daemon. Under systemd the default is "
        + "$RUNTIME_DIRECTORY/io.anomalyd."
    ),
    Key(
      "CheckpointInterval",
      \.checkpointInterval,
      .timeSpanOrInfinity(.seconds(1) ... .seconds(30 * 86_400)),
      "How often the state is written while running. After a crash, what was learnt since is lost. "
        + "infinity: only when the daemon ends."
    ),
    Key(
      "CheckpointBytesPerHour",
      \.checkpointBytesPerHour,
      .byteSize((1 << 20)...(1 << 40)),
      "The most bytes of checkpoints that are written in an hour. Where it would be more, the "
        + "interval between checkpoints is lengthened. Spares flash memory."
    ),
    Key(
      "EventRecordBytes",
      \.eventRecordBytes,
      .byteSize((64 << 10)...(1 << 30)),
      "The most bytes that the record of events takes in the state directory; beyond, the oldest "
        + "events are forgotten. An event takes about 3 kB."
    ),
    Key(
      "HistorySamples",
      \.historySamples,
      .wholeNumber(16...100_000),
      "How many samples of each metric are kept for anomalyctl show, at 8 bytes each."
    ),
    Key(
      "SilenceMemory",
      \.silenceMemory,
      .byteSize(0...(1 << 40)),
      "The most memory that is taken to keep what detectors had learnt before a silence with "
        + "SuppressLearning=yes. Metrics beyond it go on learning; their number is in the status."
    ),
    Key(
      "TextfileMetrics",
      \.textfileMetrics,
      .absolutePath,
      "A file for node_exporter's textfile collector, such as "
        + "/var/lib/prometheus/node-exporter/anomalyd.prom: metrics about the daemon itself, written "
        + "anew every 15 s and taken away at the end. Its directory must be writable for the daemon: "
        + "under systemd that takes ReadWritePaths= in a drop-in of anomalyd.service. Empty: none."
    ),
    Key(
      "TextfileScores",
      \.textfileScores,
      .globs,
      "Patterns of the watched metrics that get series of their own in TextfileMetrics=: whether they "
        + "are anomalous, score, value and what was expected, four series each."
    ),
  ]

  static let detector: [Key<Settings.Detector>] = [
    Key(
      "AlarmBudget",
      \.alarmBudget,
      .alarmBudget,
      "How many false alarms are put up with. 2/day: on the whole host, shared out over its metrics; "
        + "what is spent beyond raises thresholds until it is paid back, and no metric alarms more "
        + "often than once in 5000 normal samples. A mere number: for each metric by itself, how "
        + "many normal samples may pass for one alarm. Fewer alarms miss subtler anomalies."
    ),
    Key("HoldOff", \.holdOff, .timeSpan(holdOffRange), holdOffHelp),
    Key("Merge", \.merge, .timeSpan(holdOffRange), mergeHelp),
    Key(
      "Seed",
      \.seed,
      .seed,
      "The seed of the random weights that every model begins with. The same seed and samples give "
        + "the same scores."
    ),
  ]

  static let procfs: [Key<Settings.Procfs>] = [
    Key("Interval", \.interval, .timeSpan(intervalRange), "Time between two readings."),
    Key(
      "RootPath",
      \.rootPath,
      .absolutePath,
      "The directory that holds proc and sys: / but for a host seen from inside a container."
    ),
    Key(
      "Collectors",
      \.collectors,
      .collectors,
      "What is read. default is all but cores (six metrics for each processor), interrupts (one "
        + "for each line of /proc/interrupts and /proc/softirqs), sensors (many, and slow to read on "
        + "some chips) and entropy (says nothing since Linux 5.18); default cores adds to it. A second assignment adds to the first; an empty one goes back to default."
    ),
    Key(
      "IncludeDevices",
      \.includeDevices,
      .globs,
      "Block devices to watch, as patterns; empty for all. A second assignment adds to the first, "
        + "an empty one clears the list."
    ),
    Key(
      "ExcludeDevices",
      \.excludeDevices,
      .globs,
      "Block devices to leave out, even where IncludeDevices= has them. The first assignment "
        + "replaces the default."
    ),
    Key(
      "IncludeInterfaces",
      \.includeInterfaces,
      .globs,
      "Network interfaces to watch, as patterns; empty for all."
    ),
    Key(
      "ExcludeInterfaces",
      \.excludeInterfaces,
      .globs,
      "Network interfaces to leave out, even where IncludeInterfaces= has them."
    ),
    Key(
      "IncludeFilesystems",
      \.includeFilesystems,
      .globs,
      "Filesystems to watch, as patterns over the paths where they are mounted; empty for all that "
        + "keep data on a local device. With patterns, those in memory (tmpfs), overlays and images "
        + "are watched too where they match. Network filesystems and those of FUSE never are: "
        + "asking them could wait for ever."
    ),
    Key(
      "ExcludeFilesystems",
      \.excludeFilesystems,
      .globs,
      "Filesystems to leave out, even where IncludeFilesystems= has them."
    ),
    Key(
      "IncludeSensors",
      \.includeSensors,
      .globs,
      "Sensors of hwmon to watch, as patterns over chip and label such as nct6775.656.fan2; empty "
        + "for all. Only with the collector sensors."
    ),
    Key(
      "ExcludeSensors",
      \.excludeSensors,
      .globs,
      "Sensors to leave out, even where IncludeSensors= has them."
    ),
    Key(
      "IncludeInterrupts",
      \.includeInterrupts,
      .globs,
      "Interrupts to watch, as patterns over handler and number such as nvme0q1.27, or the label of "
        + "those without such as LOC and NET_RX; empty for all. Only with the collector interrupts."
    ),
    Key(
      "ExcludeInterrupts",
      \.excludeInterrupts,
      .globs,
      "Interrupts to leave out, even where IncludeInterrupts= has them."
    ),
    Key(
      "Units",
      \.units,
      .globs,
      "Systemd units to watch by their control groups, as patterns such as nginx.service; empty "
        + "for none. Nine metrics each, at most 64 units. Needs cgroup v2."
    ),
    .silenceAfter("A host always has something to say."),
  ]

  static let csv: [Key<Settings.CSV>] = [
    Key(
      "Path",
      \.paths,
      .paths,
      "The files to follow, as patterns; required. Files that appear are taken up, files that are "
        + "gone are given up. A file may be rotated by renaming or by copying and truncating: what "
        + "is unread in file.1, file.2 or file-20260102 beside it is read first, oldest first. "
        + "Compressed files are not read. A second assignment adds to the first."
    ),
    Key(
      "MaximumFiles",
      \.maximumFiles,
      .wholeNumber(1...10_000),
      "The most files that are followed at once. More that match are not read, which is told and "
        + "shown by anomalyctl status."
    ),
    Key("Interval", \.interval, .timeSpan(intervalRange), "Time between two looks at the files."),
    Key("Header", \.header, .header, "Whether the first line names the columns."),
    Key(
      "TimestampColumn",
      \.timestampColumn,
      .timestampColumn,
      "The column of the time stamps, by name or position. A name that is a number goes in quotes. "
        + "none: the moment of reading is the time stamp."
    ),
    Key(
      "TimestampFormat",
      \.timestampFormat,
      .timestampFormat,
      "How time stamps are written: ISO 8601, seconds or milliseconds since 1970, or a pattern as "
        + "in strptime(3)."
    ),
    Key(
      "TimeZone",
      \.timeZone,
      .timeZone,
      "The zone of time stamps that say none: UTC, local for that of this host, or a name as "
        + "timedatectl list-timezones tells. Where clocks are set back, a time that comes twice is "
        + "the first one, unless the rows before tell otherwise; a time that clocks are set forward "
        + "past is taken as if they had not been set yet, 02:30 as 03:30."
    ),
    Key(
      "Delimiter",
      \.delimiter,
      .delimiter,
      "What stands between two cells; auto finds out from the first lines."
    ),
    Key(
      "ValueColumns",
      \.valueColumns,
      .columns,
      "The columns to watch, each a metric of its own; all are all but the time stamps. A second "
        + "assignment adds to the first."
    ),
    Key(
      "Prefix",
      \.prefix,
      .filePrefix,
      "What metric names begin with, before a dot and the name of the column. {file} stands for the "
        + "file's name without its ending, {directory} for the name of its directory. Several files "
        + "under a prefix with neither are one series, read one after the other in the order of "
        + "their names. Default: NAME of the section, and NAME.{file} where Path= is a pattern or "
        + "several; \"\" for none."
    ),
    Key(
      "Start",
      \.start,
      .choice(),
      "Where to begin: saved goes on where the last run stopped, and at the beginning of a file "
        + "not seen before; end takes only what is added from now on."
    ),
    .silenceAfter("Only who knows what writes the file knows how often it does."),
  ]

  static let outputFile: [Key<OutputFile>] = [
    Key(
      "Path",
      \.path,
      .absolutePath,
      "The file to which events are appended, one JSON object a line; required. It is opened again "
        + "on reload, so that logrotate can put it away."
    ),
    Key(
      "MaximumBytes",
      \.keeping.maximumBytes,
      .byteSizeOrInfinity(4096...(1 << 50)),
      "The size above which the file is put away as PATH.1 and begun anew. infinity: never."
    ),
    Key(
      "KeepFiles",
      \.keeping.keptFiles,
      .wholeNumber(0...1000),
      "How many files that were put away are kept: PATH.1 is the newest. 0: none."
    ),
    Key(
      "Sync",
      \.keeping.sync,
      .choice(),
      "When lines are forced to the disk: always, before an event counts as delivered; interval, "
        + "within 5 s; no, when the system likes. An event that is lost with a power failure is still "
        + "in the daemon's own record."
    ),
  ]

  static let inputTypes = ["procfs", "csv", "events", "serial", "socket"]
  static let outputTypes = ["journal", "file", "terminal", "webhook"]
}

/// A section that has no keys but `Type=`.
struct Keyless: Sendable {
  static let keys: [Key<Keyless>] = []
}

/// `[Output NAME]` with `Type=file`, while it is being read.
struct OutputFile: Sendable {
  var path = ""
  var keeping = Settings.FileKeeping()
}
