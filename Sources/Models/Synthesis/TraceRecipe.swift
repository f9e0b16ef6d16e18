import Glibc
import Networks
package import Series

/// The components of a synthetic trace: threads, each of which runs procedures of a few ids one
/// after the other, with usual pauses between them, and anomalies in the second half.
package struct TraceRecipe: Sendable {
  /// What can be wrong.
  package enum Anomaly: String, CaseIterable, Sendable {
    /// Trace events in another order, at their usual times.
    case reordered
    /// Missing trace events.
    case missing
    /// A trace event that comes much later than usual.
    case delayed
    /// Trace events that do not belong to the thread: from another one, or with a new id.
    case foreign

    /// The default number of affected trace events.
    var length: Int {
      switch self {
      case .reordered: 6
      case .missing: 3
      case .delayed: 1
      case .foreign: 2
      }
    }
  }

  /// Anomalies of one kind.
  package struct Injection: Equatable, Sendable {
    /// The kind.
    package var kind: Anomaly
    /// Number in each thread.
    package var count = 5
    /// Trace events of each; nil for the usual number.
    package var length: Int?

    /// Anomalies of that kind.
    package init(_ kind: Anomaly) {
      self.kind = kind
    }
  }

  /// A trace event.
  package struct Event: Equatable, Sendable {
    package var timestamp: Timestamp
    package var thread: String
    package var id: String
  }

  /// An injected anomaly.
  package struct Placed: Equatable, Sendable {
    package var first: Timestamp
    package var last: Timestamp
    package var thread: String
    package var kind: Anomaly
  }

  /// Factor by which a delayed trace event exceeds its usual time.
  private static let delay = 20.0
  /// Minimum number of trace events between two anomalies.
  private static let leastApart = 100
  private static let procedures = 5

  /// Threads.
  package var threads = 3
  /// Approximate number of trace events per thread.
  package var rows = 20_000
  /// The mean time between two trace events of a thread.
  package var interval = Duration.milliseconds(10)
  /// Time of the first trace event.
  package var start = Timestamp(seconds: 1_767_225_600)
  /// Anomalies.
  package var injections: [Injection] = []
  /// Seed of everything.
  package var seed: UInt64 = 1

  /// A trace without anomalies.
  package init() {}

  /// The trace in chronological order, and its anomalies.
  package func trace() -> (events: [Event], placed: [Placed]) {
    var random = XorShift(seed: seed)
    var events: [Event] = []
    var placed: [Placed] = []
    for thread in 0..<threads {
      var run = run(of: thread, &random)
      place(of: thread, in: &run, &placed, &random)
      events += run.map { event in
        Event(
          timestamp: start.advanced(by: .nanoseconds(Int64(event.seconds * 1e9))),
          thread: "t\(thread)", id: event.id)
      }
    }
    events.sort { ($0.timestamp, $0.thread) < ($1.timestamp, $1.thread) }
    placed.sort { $0.first < $1.first }
    return (events, placed)
  }

  private struct Step {
    var seconds: Double
    var id: String
  }

  /// A thread's normal behaviour.
  private func run(of thread: Int, _ random: inout XorShift) -> [Step] {
    let ids = (0..<14).map { $0 < 6 ? "own\(thread)_\($0)" : "common\($0)" }
    let pace = interval / .seconds(1)
    // Pauses differ by a factor of 50, so that some of them are distinct from all others.
    let pauses = [0.1, 0.2, 1, 5].map { $0 / 1.575 * pace }
    let procedures = (0..<TraceRecipe.procedures).map { _ in
      (0..<(5 + pick(8, &random))).map { _ in
        (id: ids[pick(ids.count, &random)], pause: pauses[pick(pauses.count, &random)])
      }
    }
    let choices = procedures.map { _ in
      procedures.map { _ in
        let draw = random.uniform()
        return 0.02 + draw * draw
      }
    }
    var steps: [Step] = []
    var (procedure, now) = (0, Double(thread) * 1e-3)
    while steps.count < rows {
      procedure = pick(choices[procedure], &random)
      for (id, pause) in procedures[procedure] {
        now += pause * exp(0.3 * random.gaussian())
        steps.append(Step(seconds: now, id: id))
      }
    }
    return steps
  }

  private func place(
    of thread: Int, in steps: inout [Step], _ placed: inout [Placed], _ random: inout XorShift
  ) {
    var wanted = injections.flatMap { Array(repeating: $0, count: $0.count) }
    wanted.shuffle(with: &random)
    let half = steps.count / 2
    let apart = wanted.isEmpty ? 0 : half / (wanted.count + 1)
    guard apart >= TraceRecipe.leastApart else { return }
    // Forwards, since a delay shifts everything after it and nothing before it.
    let usual = steps.count
    for (number, injection) in wanted.enumerated() {
      let place = half + apart * (number + 1) + pick(apart / 2, &random) - apart / 4
      let rows = inject(
        injection, of: thread, at: place + steps.count - usual, into: &steps, &random)
      placed.append(
        Placed(
          first: start.advanced(by: .nanoseconds(Int64(steps[rows.lowerBound].seconds * 1e9))),
          last: start.advanced(by: .nanoseconds(Int64(steps[rows.upperBound].seconds * 1e9))),
          thread: "t\(thread)", kind: injection.kind))
    }
  }

  /// Changes the steps from `place` on.
  /// - Returns: the steps in which the anomaly is visible.
  private func inject(
    _ injection: Injection, of thread: Int, at place: Int, into steps: inout [Step],
    _ random: inout XorShift
  ) -> ClosedRange<Int> {
    let length = min(injection.length ?? injection.kind.length, TraceRecipe.leastApart / 4)
    switch injection.kind {
    case .reordered:
      let range = place..<(place + max(2, length))
      let before = steps[range].map(\.id)
      var ids = before
      // A few procedures consist of one repeated id: they cannot be reordered.
      for _ in 0..<20 where ids == before { ids.shuffle(with: &random) }
      for (index, id) in zip(range, ids) { steps[index].id = id }
      return place...(range.upperBound - 1)
    case .missing:
      steps.removeSubrange(place..<(place + length))
      return place...place
    case .delayed:
      let pace = interval / .seconds(1)
      let usual = max(steps[place].seconds - steps[place - 1].seconds, 0.2 * pace)
      for index in place..<steps.count { steps[index].seconds += TraceRecipe.delay * usual }
      return place...(place + length - 1)
    case .foreign:
      let seconds = steps[place - 1].seconds
      let others = (0..<length).map { number in
        Step(
          seconds: seconds + 1e-5 * Double(number + 1),
          id: random.uniform() < 0.5
            ? "own\((thread + 1) % max(2, threads))_\(pick(6, &random))"
            : "foreign\(pick(1000, &random))")
      }
      steps.insert(contentsOf: others, at: place)
      return place...(place + length - 1)
    }
  }

  private func pick(_ count: Int, _ random: inout XorShift) -> Int {
    min(count - 1, Int(random.uniform() * Double(count)))
  }

  private func pick(_ weights: [Double], _ random: inout XorShift) -> Int {
    var rest = random.uniform() * weights.reduce(0, +)
    for (place, weight) in weights.enumerated() {
      rest -= weight
      if rest < 0 { return place }
    }
    return weights.count - 1
  }
}
