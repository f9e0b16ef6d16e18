/// Code that is timed by repeating it.
public struct Repetition {
  /// What it measures.
  public let name: String
  private let body: (Int) -> Void
  private var count = 1

  /// - Parameter body: does the work as many times as it is told.
  public init(_ name: String, _ body: @escaping (Int) -> Void) {
    self.name = name
    self.body = body
  }

  /// Finds out how many repetitions take `milliseconds`.
  public mutating func calibrate(milliseconds: Double) {
    count = 1
    while true {
      let watch = Stopwatch()
      body(count)
      let elapsed = watch.nanoseconds
      if elapsed >= milliseconds * 2e5 {
        count = max(1, Int(Double(count) * milliseconds * 1e6 / elapsed))
        return
      }
      count *= 4
    }
  }

  /// Nanoseconds of one repetition.
  public func time() -> Double {
    let watch = Stopwatch()
    body(count)
    return watch.nanoseconds / Double(count)
  }

  /// Times all of them in turn, so that what the machine does meanwhile hits all alike.
  /// - Returns: nanoseconds of one repetition, `rounds` times for each.
  public static func interleaved(
    _ cases: [Repetition], rounds: Int, milliseconds: Double
  ) -> [[Double]] {
    var cases = cases
    for index in cases.indices { cases[index].calibrate(milliseconds: milliseconds) }
    var times = [[Double]](repeating: [], count: cases.count)
    for _ in 0..<rounds {
      for index in cases.indices { times[index].append(cases[index].time()) }
    }
    return times
  }
}
