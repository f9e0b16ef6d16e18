import Glibc

/// Elapsed wall-clock time, for code that runs alone on its core.
public struct Stopwatch {
  private let start = Stopwatch.now()

  /// Starts now.
  public init() {}

  /// Nanoseconds since creation.
  public var nanoseconds: Double { Double(Stopwatch.now() - start) }

  /// Microseconds since creation.
  public var microseconds: Double { nanoseconds / 1e3 }

  private static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
