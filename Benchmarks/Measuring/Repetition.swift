/// Code that is timed by repetition.
public struct Repetition {
  /// Its name.
  public let name: String
  private let body: (Int) -> Void
  private var count = 1

  /// - Parameter body: does the work the given number of times.
  public init(_ name: String, _ body: @escaping (Int) -> Void) {
    self.name = name
    self.body = body
  }

  /// Determines how many repetitions take `milliseconds`.
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

  /// Nanoseconds per repetition.
  public func time() -> Double {
    let watch = Stopwatch()
    body(count)
    return watch.nanoseconds / Double(count)
  }

  /// Times all of them alternately, so that interference affects all alike.
  /// - Returns: nanoseconds per repetition, `rounds` values for each.
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
