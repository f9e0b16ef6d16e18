import CSystemd
import CommandLine
public import Config
import Events
import Glibc
public import Inputs
import Monitor
public import Series
public import System

/// One input tried without the daemon: the real input, created and polled as the daemon would,
/// delivering to a list instead of a monitor.
///
/// It reads and saves no position, so that a running daemon is not disturbed. Exclusive resources
/// (a serial line, a socket) are left to their owner, which is reported.
public final class InputTrial {
  private let section: any InputSection
  private let input: any Input
  private let sink: TrialSink
  private let clock: () -> Timestamp
  private var result: InputTrialResult

  /// A trial of the input that a section describes.
  /// - Parameters:
  ///   - settings: the whole configuration: ignored metrics, the size of the table.
  ///   - clock: the time of day.
  public init(
    _ component: Settings.Component,
    of settings: Settings,
    clock: @escaping () -> Timestamp = { .now }
  ) {
    section = component.input.forTrial()
    self.clock = clock
    input = section.make(name: component.name)
    sink = TrialSink(settings)
    result = InputTrialResult(
      name: component.name,
      type: component.typeName,
      subject: component.input.subject,
      rhythm: component.input.rhythm.text
    )
  }

  /// An announcement of what the trial will do; nil if it takes negligible time.
  /// - Parameter limit: as for ``run(for:)``.
  public func announcement(for limit: Duration?) -> String? {
    func words(_ duration: Duration) -> String { HumanNumber.duration(duration) }
    if let limit { return "reading for \(words(limit))" }
    switch section.trialPlan {
    case .readings(let count):
      return "reading \(count) times, \(words(section.interval)) apart, as rates require"
    case .untilDrained: return nil
    case .listening(let time): return "listening for \(words(time))"
    }
  }

  /// Reads, and waits if more may come.
  /// - Parameter limit: how long; nil: as long as this kind of input needs.
  public func run(for limit: Duration? = nil) -> InputTrialResult {
    let plan = limit.map { InputTrialPlan.listening($0) } ?? section.trialPlan
    let begin = MonotonicTime.now
    let deadline: MonotonicTime? =
      switch plan {
      case .readings: nil
      case .untilDrained(let time), .listening(let time): begin.advanced(by: time)
      }
    var isOver = false
    while !isOver {
      let outcome = input.poll(now: clock(), into: sink)
      result.readings += 1
      result.take(input.drainNotices())
      result.isComplete = outcome == .drained
      let now = MonotonicTime.now
      switch plan {
      case .readings(let count): isOver = result.readings >= count
      case .untilDrained: isOver = outcome == .drained
      case .listening: break
      }
      if let deadline, now >= deadline { isOver = true }
      if !isOver, outcome == .drained { wait(from: now, until: deadline) }
    }
    result.took = MonotonicTime.now.elapsed(since: begin)
    result.health = input.health
    result.metrics = sink.metrics
    result.refused = sink.refused
    return result
  }

  /// Waits for the input's descriptor, its next tick or the end, whichever comes first.
  private func wait(from now: MonotonicTime, until deadline: MonotonicTime?) {
    var next = now.advanced(by: section.interval)
    if let deadline { next = min(next, deadline) }
    var wanted = pollfd(
      fd: input.readiness?.descriptor ?? -1, events: Int16(POLLIN), revents: 0)
    // Rounded up, so that the last fraction of a millisecond does not spin.
    let left = (next.nanoseconds - now.nanoseconds) / 1_000_000 + 1
    _ = Glibc.poll(&wanted, 1, Int32(clamping: max(0, left)))
  }
}

/// The result of an ``InputTrial``.
public struct InputTrialResult: Sendable {
  /// Name of its section.
  public let name: String
  /// `Type=`.
  public let type: String
  /// A description of what is read.
  public let subject: String
  /// A description of how often the daemon reads it.
  public let rhythm: String
  /// The metrics in the order in which they appeared.
  public internal(set) var metrics: [TrialMetric] = []
  /// The input's own counters.
  public internal(set) var health = InputHealth()
  /// Its notices in order, at most ``maximumNotices``.
  public internal(set) var notices: [Notice] = []
  /// How many metrics exceeded `MaximumMetrics=`.
  public internal(set) var refused = 0
  /// How often it was read.
  public internal(set) var readings = 0
  /// How long that took.
  public internal(set) var took = Duration.zero
  /// Whether everything available has been read.
  public internal(set) var isComplete = false

  /// The maximum number of notices kept.
  public static let maximumNotices = 100

  /// Samples of all metrics.
  public var samples: Int { metrics.reduce(0) { $0 + $1.samples } }

  /// Problems, one sentence each; empty if there were none.
  public var problems: [String] {
    var problems = notices.filter { $0.severity == .warning }.map(\.text)
    if let error = health.lastError, problems.isEmpty { problems.append(error) }
    if refused > 0 {
      problems.append(
        "expected at most as many metrics as MaximumMetrics= allows, found \(refused) more, which "
          + "the daemon would ignore")
    }
    if problems.isEmpty, samples == 0 {
      problems.append("\(subject): expected samples, found none")
    }
    return problems
  }

  mutating func take(_ new: [Notice]) {
    notices += new.prefix(max(0, InputTrialResult.maximumNotices - notices.count))
  }
}

/// One metric of an ``InputTrial``.
public struct TrialMetric: Equatable, Sendable {
  /// Its name.
  public let name: MetricName
  /// Whether the configuration ignores it.
  public let isIgnored: Bool
  /// How many samples there were.
  public internal(set) var samples = 0
  /// How many of them had no finite value.
  public internal(set) var gaps = 0
  /// The first one.
  public internal(set) var first: Sample?
  /// The latest one.
  public internal(set) var newest: Sample?
  /// The latest event, if it delivers events instead of values.
  public internal(set) var newestEvent: Event?

  /// One event of a stream.
  public struct Event: Equatable, Sendable {
    /// Its id.
    public let id: String
    /// Its time.
    public let at: Timestamp
  }
}

/// Collects what an input delivers.
private final class TrialSink: SampleSink {
  private(set) var metrics: [TrialMetric] = []
  /// The number of refused metrics.
  private(set) var refused = 0
  private let settings: Settings
  private var registry: MetricRegistry

  init(_ settings: Settings) {
    self.settings = settings
    registry = MetricRegistry(capacity: settings.agent.maximumMetrics)
  }

  func metric(named name: MetricName) -> MetricID? {
    if let known = registry.id(of: name) { return known }
    guard let id = registry.register(name) else {
      refused += 1
      return nil
    }
    let isIgnored = settings.policy(for: name) == .ignore
    metrics.append(TrialMetric(name: name, isIgnored: isIgnored))
    return id
  }

  func stream(named name: MetricName, inPlaceOf idle: MetricID?) -> MetricID? {
    metric(named: name)
  }

  func receive(event id: Span<UInt8>, at timestamp: Timestamp, of stream: MetricID) {
    let text = id.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    let event = TrialMetric.Event(id: text, at: timestamp)
    metrics[stream.index].samples += 1
    metrics[stream.index].newestEvent = event
  }

  func receive(_ sample: Sample, of metric: MetricID) {
    let index = metric.index
    metrics[index].samples += 1
    if !sample.value.isFinite { metrics[index].gaps += 1 }
    if metrics[index].first == nil { metrics[index].first = sample }
    metrics[index].newest = sample
  }
}
