import Config
import Inputs
import Monitor
import Outputs
import Series
import System

/// The inputs in the loop, which deliver to the monitor.
package final class InputSet {
  private(set) var runners: [InputRunner] = []
  /// Time spent on samples since the start.
  private(set) var busy = Duration.zero

  private let monitor: HostMonitor
  private let loop: EventLoop
  private let options: Daemon.Options
  /// The first poll of new inputs.
  private var beginning: DeferredSource?
  private var loggedConflicts: Set<String> = []

  private var log: Log { options.log }

  /// The configured inputs; none is polled before ``begin()``.
  init(
    _ settings: Settings, of monitor: HostMonitor, on loop: EventLoop, options: Daemon.Options
  ) throws(DaemonError) {
    self.monitor = monitor
    self.loop = loop
    self.options = options
    runners = try makeRunners(settings)
    for runner in runners {
      monitor.beginInput(runner.settings.name, stallAfter: runner.section.stallLimit)
    }
    do throws(EventLoopError) {
      beginning = try loop.deferred { [unowned self] in beginAll() }
    } catch {
      throw .loop(error)
    }
  }

  /// Polls new inputs in the next iteration of the loop.
  func begin() {
    // Fails only for a nonexistent source.
    try? beginning?.request()
  }

  /// Resumes polls that were postponed because the monitor was busy.
  func resume() {
    for runner in runners { runner.resume() }
  }

  /// Whether an input has stalled.
  func isStalled(_ runner: InputRunner) -> Bool {
    monitor.stall(of: runner.settings.name)?.openEvent != nil
  }

  /// Sets the monitor's clocks and adds the time that `work` takes to ``busy``.
  func measure(_ work: () -> Void) {
    options.setTime(of: monitor)
    let start = monitor.awake
    work()
    busy += options.awakeClock() - start
  }

  /// Polls inputs for the first time, in the order of the configuration: if two have the same
  /// metric, the first one claims it.
  private func beginAll() {
    for runner in runners where !runner.hasBegun { runner.begin() }
  }

  /// Polls every input once, regardless of its tick.
  package func poll() {
    for runner in runners { poll(runner) }
  }

  /// Polls an input and logs what the monitor refused.
  private func poll(_ runner: InputRunner) {
    guard !monitor.isFull else { return runner.postpone() }
    measure {
      guard runner.read(at: monitor.now) else { return }
      options.setTime(of: monitor)
      monitor.noteDelivery(of: runner.settings.name)
    }
    if let conflict = runner.sink.conflict, loggedConflicts.insert(runner.settings.name).inserted {
      log.warning(
        "input \(runner.settings.name): \(conflict.metric) comes from "
          + "\(conflict.owner.hasPrefix("[") ? "" : "input ")\(conflict.owner) already; the duplicates of this input are ignored",
        .inputTrouble
      )
    }
  }

  private func makeRunners(_ settings: Settings) throws(DaemonError) -> [InputRunner] {
    // Checked first, because these report file and line.
    if let refusal = settings.refusals.first { throw .settings(refusal) }
    var runners: [InputRunner] = []
    for section in settings.inputs { runners.append(try makeRunner(section)) }
    return runners
  }

  private func makeRunner(_ section: Settings.Component) throws(DaemonError) -> InputRunner {
    let sink = InputSink(monitor, input: section.name)
    do throws(EventLoopError) {
      return try InputRunner(section, sink: sink, on: loop) { [unowned self] runner in
        poll(runner)
      }
    } catch {
      throw .loop(error)
    }
  }

  /// An input whose section is unchanged is kept; a changed one resumes at the position of the old
  /// one with the same name.
  func configure(_ new: Settings, policyChanged: Bool) throws(DaemonError) {
    var next: [InputRunner] = []
    for section in new.inputs {
      let same = runners.first { $0.settings.name == section.name }
      if let same, same.settings == section, !policyChanged, same.sink.conflict == nil {
        next.append(same)
        continue
      }
      let runner = try makeRunner(section)
      if let same, same.settings.typeName == section.typeName {
        let position = same.input.encodePosition()
        if !position.isEmpty { runner.input.restorePosition(position) }
      }
      next.append(runner)
    }
    for runner in runners {
      let name = runner.settings.name
      if !next.contains(where: { $0.settings.name == name }) { monitor.endInput(name) }
    }
    for runner in next where !runners.contains(where: { $0 === runner }) {
      monitor.beginInput(runner.settings.name, stallAfter: runner.section.stallLimit)
      // Only after the last fallible step: the old input cannot continue without it.
      if let same = runners.first(where: { $0.settings.name == runner.settings.name }) {
        runner.input.takeOver(from: same.input)
      }
    }
    runners = next
    begin()
  }
}
