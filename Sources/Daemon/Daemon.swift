public import CommandLine
public import Config
package import Control
import Detection
import Events
import Glibc
import Inputs
package import Monitor
import Outputs
public import Series
import Store
import System

/// The daemon: inputs, monitor, outputs, state and control socket on one loop.
///
/// The only place that knows all rooms. One thread: everything happens between two iterations of
/// the loop, so that the state is consistent whenever it is read or saved. All decisions about
/// samples and events are made by ``HostMonitor``; the daemon passes it what inputs deliver, and
/// passes its steps to the history and the outputs.
public final class Daemon {
  /// Options outside the configuration.
  public struct Options {
    /// The state directory; nil: as configured.
    public var stateDirectory: String?
    /// The path of the control socket; nil: as configured.
    public var controlSocket: String?
    /// Whether to print events on standard output, unless a configured output does.
    public var printsEvents = false
    /// The style of lines on standard output.
    public var style = Style.plain
    /// Whether standard output was a terminal at the start.
    public var ownsTerminal = false
    /// The time of day.
    public var clock: () -> Timestamp = { .now }
    /// Time since an arbitrary start, stopped while the machine is suspended; used to detect
    /// stalled inputs.
    public var awakeClock: () -> Duration = { MonotonicTime.awake }
    /// How long the loop may be blocked by a checkpoint slice.
    package var checkpointSlice = Duration.milliseconds(2)
    /// The daemon's log.
    public var log = Log(Log.standardDestination)
    /// Notified of readiness, status and reloads.
    public var serviceManager = ServiceManager()

    /// The defaults.
    public init() {}

    /// Sets a monitor's clocks to now.
    func setTime(of monitor: HostMonitor) { monitor.setTime(clock(), awake: awakeClock()) }
  }

  let options: Options
  package let loop: EventLoop
  package let monitor: HostMonitor
  package let inputs: InputSet
  package let events: EventPublisher
  package let checkpoints: CheckpointKeeper
  let silences: SilenceKeeper
  package let models: ModelKeeper
  let textfile: TextfileWriter
  /// Nil if units cannot be observed.
  var surveyor: UnitSurveyor?
  private let startedAt: ObservedMoment
  var settings: Settings
  var reloads = ReloadFacts()
  var control: ControlServer?
  let load: () throws(SettingsErrors) -> Settings

  private var poller: ControlPoller?
  private var sources: [EventSource] = []
  var housekeepingTimer: TimerSource?
  var toldStatus = ""
  let problems: ProblemReporter
  var gapsLoggedAt: MonotonicTime?
  var isStopping = false
  /// Whether detectors had to learn in this run.
  enum Learning { case unknown, begun, over }
  var learning = Learning.unknown

  /// When it started, by its present clock.
  var started: Timestamp { startedAt.timestamp(asOf: options.clock()) }
  var log: Log { options.log }
  var controlPath: String { options.controlSocket ?? settings.agent.controlSocket }

  /// A daemon that is ready to ``run()``: state restored, inputs and outputs created, signals
  /// blocked, control socket open.
  /// - Parameters:
  ///   - settings: the initial configuration.
  ///   - load: rereads the configuration, on SIGHUP.
  public init(
    settings: Settings,
    options: Options = Options(),
    load: @escaping () throws(SettingsErrors) -> Settings
  ) throws(DaemonError) {
    self.settings = settings
    self.options = options
    self.load = load
    startedAt = ObservedMoment(options.clock())
    do throws(EventLoopError) {
      loop = try EventLoop()
    } catch {
      throw .loop(error)
    }
    let hostSeed: UInt64
    switch HostSeed.read() {
    case .success(let seed): hostSeed = seed
    case .failure(let error):
      hostSeed = 0
      options.log.warning(
        "this host has no machine id (\(error)), so event ids do not distinguish it from other "
          + "hosts; systemd-machine-id-setup creates one")
    }
    let book = SilenceBook(local: SilenceKeeper.localTime)
    monitor = settings.makeMonitor(hostSeed: hostSeed, silences: book)
    options.setTime(of: monitor)
    do throws(SettingsRefusal) {
      // Before their state is restored.
      monitor.attach(try settings.attachments())
      LearntModels(monitor).begin(with: settings.priors(in: try settings.priorBook()))
    } catch {
      throw .settings(error)
    }
    problems = ProblemReporter(options: options)
    silences = SilenceKeeper(book, settings, of: monitor, options: options)
    textfile = TextfileWriter(settings.agent, of: monitor, options: options)
    let stateDirectory = options.stateDirectory ?? settings.agent.stateDirectory
    events = EventPublisher(
      settings, of: monitor, stateDirectory: stateDirectory, options: options)
    inputs = try InputSet(settings, of: monitor, on: loop, options: options)
    do throws(EventLoopError) {
      checkpoints = try CheckpointKeeper(
        at: stateDirectory, settings.agent, of: monitor, inputs: inputs, events: events,
        options: options, on: loop)
      models = try ModelKeeper(
        settings.agent, of: monitor, checkpoints: checkpoints, options: options, on: loop)
    } catch {
      throw .loop(error)
    }
    checkpoints.onChange = { [unowned self] in updateStatus() }
    // The socket first: a daemon that already answers there uses the same state.
    try openControl()
    try checkpoints.openState()
    logNotices()
    models.open(in: checkpoints.store)
    silences.open(in: checkpoints.store)
    surveyor = UnitSurveyor(settings, of: monitor, on: loop, options: options)
    do throws(EventLoopError) {
      try attachSources()
    } catch {
      throw .loop(error)
    }
  }

  /// Sets up process-wide state: signal handling (``ProcessSignals``) and the descriptor limit.
  /// Call it before anything else, so that no signal during startup is lost.
  public static func prepareProcess() {
    ProcessSignals.prepare()
    DescriptorLimit.raise()
  }

  /// Runs the loop until SIGTERM or SIGINT.
  /// - Returns: the process's exit code.
  public func run() throws(DaemonError) -> Int32 {
    do throws(EventLoopError) {
      inputs.begin()
      try housekeepingTimer?.fire(at: .now)
      checkpoints.plan()
      _ = try loop.enableWatchdog()
      toldStatus = statusLine
      options.serviceManager.ready(status: toldStatus)
      return try loop.run()
    } catch {
      throw .loop(error)
    }
  }

  /// Its status on the control socket.
  package var report: some ControlHandler { DaemonReport(agent: self) }

  /// The inputs and outputs, in one line.
  public var summary: String {
    let subjects = inputs.runners.map { runner in
      "\(runner.section.subject) \(runner.section.rhythm.text)"
    }
    let targets = events.outputs.map { slot in
      slot.settings.map { $0.output.target(name: $0.name) } ?? slot.typeName
    }
    return "watching \(subjects.isEmpty ? "nothing" : subjects.joined(separator: ", ")); "
      + "events go to \(targets.isEmpty ? "nowhere" : targets.joined(separator: ", "))"
  }

  /// Whether the terminal on which it ran in the foreground is gone: SIGHUP has that meaning then.
  private var hasLostTerminal: Bool { options.ownsTerminal && isatty(STDOUT_FILENO) == 0 }

  // MARK: Creating the parts

  private func openControl() throws(DaemonError) {
    let poller = ControlPoller(loop: loop, log: log)
    self.poller = poller
    do throws(ControlServerError) {
      control = try ControlServer(
        path: controlPath,
        identity: ServiceIdentity(
          vendor: Product.name,
          product: Product.name,
          version: Product.version,
          url: "man:anomalyd(8)"
        ),
        poller: poller
      )
    } catch {
      throw .control(error.description)
    }
    poller.onReady = { [unowned self] descriptor, ready in
      control?.handle(
        descriptor,
        ready: ready,
        now: .nanoseconds(MonotonicTime.now.nanoseconds),
        handler: report
      )
    }
  }

  private func attachSources() throws(EventLoopError) {
    for signal in ProcessSignals.ending {
      sources.append(try loop.onSignal(signal) { [unowned self] in stop() })
    }
    sources.append(
      try loop.onSignal(SIGHUP) { [unowned self] in
        if hasLostTerminal { stop() } else { reload() }
      })
    sources.append(
      try loop.afterEachTurn { [unowned self] in
        commitEvents()
        control?.resumeStreams(now: .nanoseconds(MonotonicTime.now.nanoseconds))
        logNotices()
      })
    housekeepingTimer = try loop.timer(accuracy: .milliseconds(250)) { [unowned self] in
      keepHouse()
    }
  }
}
