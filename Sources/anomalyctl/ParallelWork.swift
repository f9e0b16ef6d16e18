import CommandLine
import Glibc
import Synchronization

/// Work on many items in parallel: one thread per core, results in the order of the items, progress
/// on standard error once it has taken two seconds.
package struct ParallelWork: Sendable {
  private let console: Console
  private let unit: String
  private let patience: Duration
  private let threads: Int

  /// - Parameters:
  ///   - unit: the kind of items, such as `files`.
  ///   - patience: how long the work may take before progress is shown.
  package init(console: Console, unit: String, patience: Duration = .seconds(2)) {
    self.console = console
    self.unit = unit
    self.patience = patience
    threads = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }

  /// Applies `body` to every item and returns the results in the order of the items.
  /// - Parameters:
  ///   - weights: the amount of work per item, in any unit, for the progress.
  ///   - body: may report through its second argument how much of the item's weight is done.
  package func map<Item: Sendable, Result: Sendable>(
    _ items: [Item],
    weights: [Int],
    body: @escaping @Sendable (Item, _ reached: (Int) -> Void) -> Result
  ) -> [Result] {
    let queue = WorkQueue<Result>(weights: weights)
    let work: @Sendable () -> Void = {
      while let index = queue.take() {
        let result = body(items[index]) { queue.reach(index, $0) }
        queue.finish(index, result)
      }
    }
    let workers = (0..<min(threads, items.count)).compactMap { _ in start(work) }
    if workers.isEmpty { work() }  // no thread could be created: do it here, without progress
    wait(for: workers, queue: queue, total: items.count)
    return queue.results()
  }

  private func start(_ work: @escaping @Sendable () -> Void) -> pthread_t? {
    let box = Unmanaged.passRetained(ThreadBody(work))
    var thread = pthread_t()
    let code = pthread_create(
      &thread,
      nil,
      { argument in
        if let argument { Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().work() }
        return nil
      },
      box.toOpaque()
    )
    guard code == 0 else {
      box.release()
      return nil
    }
    return thread
  }

  /// Waits until all is done, polling with increasing intervals: a millisecond at first, so that a
  /// short job is not delayed, finally 20 times a second for progress.
  private func wait<Result>(for workers: [pthread_t], queue: WorkQueue<Result>, total: Int) {
    let clock = ContinuousClock()
    let begin = clock.now
    var progress = Progress(total: total, unit: unit)
    var isDrawn = false
    var pauseMicroseconds: UInt32 = 1_000
    while true {
      let (done, share) = queue.progress
      let elapsed = begin.duration(to: clock.now)
      if let width = console.progressWidth, isDrawn || elapsed > patience,
        let line = progress.redraw(done: done, share: share, elapsed: elapsed, width: width)
      {
        console.note(line)
        isDrawn = true
      }
      if done == total { break }
      usleep(pauseMicroseconds)
      pauseMicroseconds = min(pauseMicroseconds * 5 / 4, 50_000)
    }
    for worker in workers { pthread_join(worker, nil) }
  }
}

/// A thread's work; owned by the thread.
private final class ThreadBody: Sendable {
  let work: @Sendable () -> Void

  init(_ work: @escaping @Sendable () -> Void) {
    self.work = work
  }
}

/// Hands out the items, the largest first so that no thread is left alone with one at the end,
/// and collects the results.
private final class WorkQueue<Result: Sendable>: Sendable {
  private struct State {
    var next = 0
    var doneCount = 0
    var doneWeight = 0
    var reached: [Int]
    var results: [Result?]
  }

  private let weights: [Int]
  private let order: [Int]
  private let totalWeight: Int
  private let lock: Mutex<State>

  init(weights: [Int]) {
    self.weights = weights
    order = weights.indices.sorted { weights[$0] > weights[$1] }
    totalWeight = weights.reduce(0, +)
    lock = Mutex(State(reached: weights.map { _ in 0 }, results: weights.map { _ in nil }))
  }

  /// An item that is not assigned yet, nil if all are.
  func take() -> Int? {
    lock.withLock { state in
      guard state.next < order.count else { return nil }
      state.next += 1
      return order[state.next - 1]
    }
  }

  /// Records how much of an item's weight is done.
  func reach(_ index: Int, _ weight: Int) {
    lock.withLock { state in
      let bounded = min(weight, weights[index])
      state.doneWeight += bounded - state.reached[index]
      state.reached[index] = bounded
    }
  }

  func finish(_ index: Int, _ result: Result) {
    reach(index, weights[index])
    lock.withLock { state in
      state.results[index] = result
      state.doneCount += 1
    }
  }

  var progress: (done: Int, share: Double) {
    lock.withLock {
      ($0.doneCount, totalWeight == 0 ? 1 : Double($0.doneWeight) / Double(totalWeight))
    }
  }

  /// The results; only after all items are done.
  func results() -> [Result] {
    lock.withLock { $0.results.compactMap(\.self) }
  }
}
