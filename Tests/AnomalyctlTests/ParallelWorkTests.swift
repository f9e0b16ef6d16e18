import Support
import Synchronization
import Testing
import anomalyctl

@Suite struct ParallelWorkTests {
  @Test func `returns results in the order of the items and processes each once`() {
    let calls = Mutex(0)
    let work = ParallelWork(console: Transcript().console(), unit: "files")
    let items = Array(0..<200)
    let results = work.map(items, weights: items.map { $0 % 7 }) { item, _ in
      calls.withLock { $0 += 1 }
      return item * item
    }
    #expect(results == items.map { $0 * $0 })
    #expect(calls.withLock { $0 } == 200)
  }

  @Test func `accepts an empty list`() {
    let work = ParallelWork(console: Transcript().console(), unit: "files")
    #expect(work.map([Int](), weights: []) { item, _ in item } == [])
  }

  @Test func `shows progress only on a terminal, by weight, and ends its line`() {
    let errors = Mutex("")
    let console = Console(
      progressWidth: 80,
      errors: { text in
        errors.withLock { $0 += text }
        return nil
      })
    _ = ParallelWork(console: console, unit: "files", patience: .zero).map(
      [1, 2], weights: [9, 1]
    ) {
      item, reached in
      reached(item == 1 ? 5 : 0)
      if item == 1 { eventually { errors.withLock { $0.contains("1/2 files, 60%") } } }
      return item
    }
    let drawn = errors.withLock { $0 }
    #expect(drawn.contains("1/2 files, 60%"))
    #expect(drawn.contains("2/2 files, 100%"))
    #expect(drawn.hasSuffix("\n"))
    let silent = Transcript()
    _ = ParallelWork(console: silent.console(), unit: "files", patience: .zero)
      .map([1], weights: [1]) { item, _ in item }
    #expect(silent.errors.isEmpty)
  }
}
