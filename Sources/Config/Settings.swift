/// All that a person can configure, checked, with every default in place.
///
/// `Settings()` is what holds when there is no file at all: watch this host, write to the journal.
public struct Settings: Equatable, Sendable {
  /// Section `[Agent]`.
  public var agent = Agent()
  /// Section `[Detector]`.
  public var detector = Detector()
  /// Sections `[Input NAME]` in the order in which their names first appear.
  public var inputs = [Input(name: "host", source: .procfs(Procfs()))]
  /// Sections `[Output NAME]` in the order in which their names first appear.
  public var outputs = [Output(name: "journal", sink: .journal)]
  /// Sections `[Metric PATTERN]` in the order in which their patterns first appear.
  public var metrics: [Metric] = []
  /// Sections `[Silence NAME]` in the order in which their names first appear.
  public var silences: [Silence] = []
  /// The files that were read, in the order in which they were read.
  public var files: [String] = []
  /// Where each value comes from that is no default, by section and key.
  var origins: [String: SettingsOrigin] = [:]
  /// The directory for sockets.
  var runtimeDirectory = "/run/anomalyd"

  /// The defaults.
  public init() {}

  /// Section `[Agent]`: limits, state, control socket.
  public struct Agent: Equatable, Sendable {
    /// `MaximumMetrics=`: the most metrics that are watched, 1...1,000,000.
    public var maximumMetrics = 2_000
    /// `ForgetAfter=`: how long a metric may be without a sample; nil (`infinity`): for ever.
    public var forgetAfter: Duration? = .seconds(30 * 86_400)
    /// `StateDirectory=`: where models and positions are kept.
    public var stateDirectory = "/var/lib/anomalyd"
    /// `ControlSocket=`: where `anomalyctl` finds the daemon.
    public var controlSocket = "/run/anomalyd/io.anomalyd"
    /// `CheckpointInterval=`: how often the state is written; nil (`infinity`): only at the end.
    public var checkpointInterval: Duration? = .seconds(600)
    /// `CheckpointBytesPerHour=`: the most bytes of checkpoints per hour; the agent lengthens the
    /// interval to stay below.
    public var checkpointBytesPerHour = 512 << 20
    /// `EventRecordBytes=`: the most bytes that the record of events takes on the disk.
    public var eventRecordBytes = 16 << 20
    /// `HistorySamples=`: samples kept per metric to be shown, 16...100,000.
    public var historySamples = 256
    /// `SilenceMemory=`: the most bytes that detectors take to forget what they learn in silences.
    public var silenceMemory = 64 << 20
    /// `TextfileMetrics=`: where metrics about the daemon are written; empty: nowhere.
    public var textfileMetrics = ""
    /// `TextfileScores=`: patterns of the metrics that have series of their own in there.
    public var textfileScores: [String] = []

    /// The defaults.
    public init() {}
  }

  /// Section `[Detector]`: what holds for every metric.
  public struct Detector: Equatable, Sendable {
    /// `AlarmBudget=`: how many false alarms are put up with.
    public var alarmBudget = AlarmBudget.standard
    /// `HoldOff=`: how long a metric must be normal before an event is closed.
    public var holdOff = Duration.seconds(30)
    /// `Merge=`: how soon after a close an opening continues the event.
    public var merge = Duration.zero
    /// `Seed=`: of the random weights that every model begins with.
    public var seed: UInt64 = 1

    /// The defaults.
    public init() {}
  }

  /// A section `[Input NAME]`.
  public struct Input: Equatable, Sendable {
    /// The name in the section's header.
    public var name: String
    /// `Type=` and the keys that belong to it.
    public var source: Source

    /// The kinds of input, `Type=`.
    public enum Source: Equatable, Sendable {
      /// `Type=procfs`.
      case procfs(Procfs)
      /// `Type=csv`.
      case csv(CSV)
      /// `Type=events`.
      case events(Events)
      /// `Type=serial`.
      case serial(Serial)
      /// `Type=socket`.
      case socket(Socket)
    }

    /// The input `name`.
    public init(name: String, source: Source) {
      self.name = name
      self.source = source
    }

    /// `Interval=`: how often it is read.
    public var interval: Duration {
      switch source {
      case .procfs(let procfs): procfs.interval
      case .csv(let csv): csv.interval
      case .events(let events): events.file.interval
      case .serial(let serial): serial.interval
      case .socket(let socket): socket.interval
      }
    }
  }

  /// How an output with `Type=file` keeps its file.
  public struct FileKeeping: Equatable, Sendable {
    /// `Sync=`.
    public enum Sync: String, CaseIterable, Sendable {
      case always
      case interval
      case no
    }

    /// `MaximumBytes=`: the size above which it is put away, 4 KiB to 1 PiB; nil (`infinity`): never.
    public var maximumBytes: Int?
    /// `KeepFiles=`: how many are kept that were put away, 0...1,000.
    public var keptFiles = 5
    /// `Sync=`: when lines are forced to the disk.
    public var sync = Sync.interval

    /// The defaults.
    public init() {}
  }

  /// A section `[Output NAME]`.
  public struct Output: Equatable, Sendable {
    /// The name in the section's header.
    public var name: String
    /// `Type=` and the keys that belong to it.
    public var sink: Sink

    /// The kinds of output, `Type=`.
    public enum Sink: Equatable, Sendable {
      /// `Type=journal`: structured entries in the system's journal.
      case journal
      /// `Type=file`: JSON lines appended to the file `path`.
      case file(path: String, keeping: FileKeeping = FileKeeping())
      /// `Type=terminal`: readable lines on standard output.
      case terminal
      /// `Type=webhook`: an endpoint that is spoken to over HTTP.
      case webhook(Webhook)
    }

    /// The output `name`.
    public init(name: String, sink: Sink) {
      self.name = name
      self.sink = sink
    }
  }
}
