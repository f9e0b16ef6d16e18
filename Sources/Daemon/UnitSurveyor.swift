package import Config
package import Events
import Glibc
import Inputs
package import Monitor
import Series
import System

/// Samples the resource usage of this host's units, in slices in the loop, and determines which of
/// them account for an incident on the host's own metrics.
///
/// Every 15 seconds, and a few times while an incident settles. A pass over 100 control groups
/// takes some 4 ms in total.
package final class UnitSurveyor {
  private static let period = Duration.seconds(15)
  /// How long the loop may be blocked at a time.
  private static let slice = Duration.milliseconds(1)
  /// While an incident is newer than this, passes are more frequent: it is about to be reported.
  private static let fresh = Duration.seconds(30)
  private static let freshPeriod = Duration.seconds(3)

  private let survey: UnitSurvey
  /// The inputs that monitor this host.
  private let inputs: Set<String>
  private let monitor: HostMonitor
  private let processors: Double?
  private let awakeClock: () -> Duration
  private var timer: TimerSource?
  private var more: DeferredSource?

  /// A surveyor; nil if no input monitors this host, or if it has no control groups.
  package init?(
    _ settings: Settings, of monitor: HostMonitor, on loop: EventLoop, options: Daemon.Options
  ) {
    let hosts = settings.inputs.compactMap { input in
      (input.section as? ProcfsSection).map { (input.name, $0.rootPath) }
    }
    guard let root = (hosts.first { $0.1 == "/" } ?? hosts.first)?.1 else { return nil }
    survey = UnitSurvey(rootPath: root, clock: options.awakeClock)
    inputs = Set(hosts.filter { $0.1 == root }.map(\.0))
    self.monitor = monitor
    awakeClock = options.awakeClock
    let count = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    // Unknown for another host, whose root is mounted elsewhere.
    processors = root == "/" && count > 0 ? Double(count) : nil
    guard survey.isPossible else {
      options.log.info(
        "no control groups in \(root == "/" ? "" : root)/sys/fs/cgroup: incidents do not name the "
          + "responsible units")
      return nil
    }
    monitor.attributing = { [unowned self] in attributions(of: $0) }
    // Without a timer there are no passes, and no units in incidents.
    timer = try? loop.timer { [unowned self] in begin() }
    more = try? loop.deferred { [unowned self] in advance() }
    begin()
  }

  /// Samples more often while an incident is new; call it once a second.
  package func attend() {
    let now = monitor.now
    let isFresh = monitor.incidents.contains {
      $0.state != .over && now.elapsed(since: $0.opened) < UnitSurveyor.fresh
    }
    guard isFresh, survey.newest.map({ awakeClock() - $0 >= UnitSurveyor.freshPeriod }) ?? true
    else { return }
    start()
  }

  /// The units that account for an incident, according to the samples so far.
  package func attributions(of incident: Incident) -> [Attribution] {
    guard
      // Its events may have closed before outputs are notified of its opening.
      incident.members.contains(where: {
        monitor.owner(of: $0.reference.metric).map(inputs.contains) ?? false
      })
    else { return [] }
    // On the clock of the passes; event time is the time of day here.
    let age = max(.zero, monitor.now.elapsed(since: incident.began))
    let changes = survey.changes(since: awakeClock() - age)
    return UnitChange.leading(changes, maximum: Attribution.maximum).map { change in
      func part(_ amount: Double) -> Double? { amount > 0 ? amount : nil }
      // Values read at different times are never exact.
      let cpu = min(change.cpu, processors ?? .infinity)
      return Attribution(
        unit: change.unit, cpu: part(cpu), of: part(cpu) == nil ? nil : processors,
        readRate: part(change.readRate),
        writeRate: part(change.writeRate), memory: part(change.memory))
    }
  }

  private func begin() {
    try? timer?.fire(at: MonotonicTime.now.nextTick(every: UnitSurveyor.period))
    start()
  }

  /// Begins a pass now, unless one is in progress.
  package func start() {
    survey.begin()
    advance()
  }

  /// Whether a pass is in progress.
  package var isPassing: Bool { survey.isPassing }

  /// Continues the pass for a slice, and schedules the rest.
  package func advance() {
    let deadline = MonotonicTime.now.advanced(by: UnitSurveyor.slice)
    guard survey.advance(until: { MonotonicTime.now >= deadline }) else {
      try? more?.request()
      return
    }
  }
}
