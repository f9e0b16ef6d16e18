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
    /// Where state is kept; nil: as configured.
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
    /// Time since any moment, stopped while the machine sleeps; used to detect stalled inputs.
    public var awakeClock: () -> Duration = { MonotonicTime.awake }
    /// How long the loop may be blocked by a checkpoint slice.
    package var checkpointSlice = Duration.milliseconds(2)
    /// The daemon's log.
    public var log = Log(Log.standardDestination)
    /// Notified of readiness, status and reloads.
    public var serviceManager = ServiceManager()

    /// The defaults.
    public init() {}
  }

  let options: Options
  package let loop: EventLoop
  package let monitor: HostMonitor
  /// Time spent on samples since the start.
  var busy = Duration.zero
  private let startedAt: ObservedMoment
  var settings: Settings
  package let silences: SilenceBook
  /// Steps since the start.
  var tally = EventTally()
  var textfile = TextfileFacts()
  var inputs: [InputRunner] = []
  var outputs: [OutputSlot] = []
  var reloads = ReloadFacts()
  var checkpoints: CheckpointFacts
  var control: ControlServer?
  var store: StateDirectory?
  /// The number of the newest step in the history when the restored checkpoint was made; nil: not
  /// known.
  var restoredStep: UInt64?
  /// The history of all events.
  var record: EventHistory?
  let load: () throws(SettingsErrors) -> Settings

  private var poller: ControlPoller?
  private var sources: [EventSource] = []
  /// The first poll of new inputs.
  var beginning: DeferredSource?
  var checkpointTimer: TimerSource?
  /// The checkpoint in progress.
  var pass: CheckpointPass?
  /// Work on it, alternating with everything else.
  var slices: DeferredSource?
  var housekeepingTimer: TimerSource?
  var toldStatus = ""
  var toldRefusals = false
  var toldConflicts: Set<String> = []
  var gapsLoggedAt: MonotonicTime?
  var toldLearningRegardless = false
  var isStopping = false
  /// Whether a detector has been seen learning since the last time that none was.
  var isLearning = false

  /// When it started, by its present clock.
  var started: Timestamp { startedAt.timestamp(asOf: options.clock()) }
  var log: Log { options.log }
  var stateDirectory: String { options.stateDirectory ?? settings.agent.stateDirectory }
  var controlPath: String { options.controlSocket ?? settings.agent.controlSocket }

  /// A daemon that is ready to ``run()``: state restored, inputs and outputs created, signals
  /// blocked, control socket open.
  /// - Parameters:
  ///   - settings: the configuration in force.
  ///   - load: reads the configuration again, on SIGHUP.
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
        "this host has no machine id (\(error)): event ids do not distinguish it from other hosts; "
          + "systemd-machine-id-setup makes one")
    }
    silences = SilenceBook(local: Daemon.localTime)
    monitor = settings.makeMonitor(hostSeed: hostSeed, silences: silences)
    monitor.setTime(options.clock(), awake: options.awakeClock())
    checkpoints = CheckpointFacts(
      schedule: CheckpointSchedule(
        interval: settings.agent.checkpointInterval,
        bytesPerHour: settings.agent.checkpointBytesPerHour
      )
    )
    outputs = settings.outputs.map { makeSlot($0) }
    if options.printsEvents, !settings.outputs.contains(where: { $0.section is TerminalSection }) {
      let terminal = TerminalOutput(
        name: "terminal",
        style: options.style,
        clock: options.clock
      )
      outputs.append(OutputSlot(settings: nil, output: terminal))
    }
    inputs = try makeRunners(settings)
    for runner in inputs {
      monitor.beginInput(runner.settings.name, stallAfter: runner.section.stallLimit)
    }
    // The socket first: a daemon that already answers there uses the same state.
    try openControl()
    try openState()
    openSilences()
    configureSilences(settings)
    do throws(EventLoopError) {
      try attachSources()
    } catch {
      throw .loop(error)
    }
  }

  /// Sets up what belongs to the whole process: the handling of signals (``ProcessSignals``) and the
  /// limit of descriptors. To be called before anything else, so that no signal during startup is
  /// lost.
  public static func prepareProcess() {
    ProcessSignals.prepare()
    DescriptorLimit.raise()
  }

  /// Runs the loop until SIGTERM or SIGINT.
  /// - Returns: the process's exit code.
  public func run() throws(DaemonError) -> Int32 {
    do throws(EventLoopError) {
      try beginning?.request()
      try housekeepingTimer?.fire(at: .now)
      planCheckpoint()
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
    let subjects = inputs.map { runner in
      "\(runner.section.subject) \(runner.section.rhythm.text)"
    }
    let targets = outputs.map { slot in
      slot.settings.map { $0.output.target(name: $0.name) } ?? slot.typeName
    }
    return "watching \(subjects.isEmpty ? "nothing" : subjects.joined(separator: ", ")); "
      + "events go to \(targets.isEmpty ? "nowhere" : targets.joined(separator: ", "))"
  }

  /// Whether the terminal on which it ran in the foreground is gone: SIGHUP means that then.
  private var hasLostTerminal: Bool { options.ownsTerminal && isatty(STDOUT_FILENO) == 0 }

  // MARK: Creating the parts

  func makeSlot(_ section: Settings.Component) -> OutputSlot {
    OutputSlot(
      settings: section,
      output: section.output.make(
        name: section.name,
        in: OutputSurroundings(
          clock: options.clock, style: options.style, stateDirectory: stateDirectory))
    )
  }

  func makeRunners(_ settings: Settings) throws(DaemonError) -> [InputRunner] {
    // Checked first, because these report file and line.
    if let refusal = settings.refusals.first { throw .settings(refusal) }
    var runners: [InputRunner] = []
    for section in settings.inputs { runners.append(try makeRunner(section)) }
    return runners
  }

  func makeRunner(_ section: Settings.Component) throws(DaemonError) -> InputRunner {
    let sink = InputSink(monitor, input: section.name)
    do throws(EventLoopError) {
      return try InputRunner(section, sink: sink, on: loop) { [unowned self] runner in
        poll(runner)
      }
    } catch {
      throw .loop(error)
    }
  }

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
    beginning = try loop.deferred { [unowned self] in beginInputs() }
    checkpointTimer = try loop.timer(accuracy: .seconds(1)) { [unowned self] in
      beginCheckpoint()
    }
    slices = try loop.deferred(isIdle: false) { [unowned self] in continueCheckpoint() }
    housekeepingTimer = try loop.timer(accuracy: .milliseconds(250)) { [unowned self] in
      keepHouse()
    }
  }
}
