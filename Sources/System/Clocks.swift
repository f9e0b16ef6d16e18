import Glibc
public import Series

/// A time on the clock that never steps and includes suspend (CLOCK_BOOTTIME).
public struct MonotonicTime: Comparable, Sendable {
  /// Nanoseconds since the machine started.
  public var nanoseconds: Int64

  /// A moment `nanoseconds` after the machine started.
  public init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// Now.
  public static var now: MonotonicTime { MonotonicTime(nanoseconds: read(CLOCK_BOOTTIME)) }

  /// Time since boot excluding suspend (CLOCK_MONOTONIC): used to measure late sources.
  public static var awake: Duration { .nanoseconds(read(CLOCK_MONOTONIC)) }

  /// The time from `earlier` to this moment.
  public func elapsed(since earlier: MonotonicTime) -> Duration {
    .nanoseconds(nanoseconds - earlier.nanoseconds)
  }

  /// The moment `duration` later.
  public func advanced(by duration: Duration) -> MonotonicTime {
    let (seconds, attoseconds) = duration.components
    return MonotonicTime(
      nanoseconds: nanoseconds + seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    )
  }

  /// The next multiple of `interval` after this moment, so that everything with the same interval
  /// wakes the machine together.
  public func nextTick(every interval: Duration) -> MonotonicTime {
    let zero = MonotonicTime(nanoseconds: 0)
    let step = max(1, zero.advanced(by: interval).nanoseconds)
    return MonotonicTime(nanoseconds: (nanoseconds / step + 1) * step)
  }

  /// Whether `lhs` is earlier.
  public static func < (lhs: MonotonicTime, rhs: MonotonicTime) -> Bool {
    lhs.nanoseconds < rhs.nanoseconds
  }
}

extension Timestamp {
  /// The time of day (CLOCK_REALTIME), limited to the representable years with some months of
  /// margin for planned times: a clock beyond that stands still.
  public static var now: Timestamp {
    let limit: Int64 = 9_200_000_000_000_000_000
    return Timestamp(nanoseconds: min(max(read(CLOCK_REALTIME), -limit), limit))
  }
}

/// A past time on both clocks, so that its age is right even if the time of day was changed since.
public struct ObservedMoment: Equatable, Sendable {
  /// The time of day at that moment.
  public let timestamp: Timestamp
  /// The same on the clock that never steps.
  public let monotonic: MonotonicTime

  /// A moment that is now.
  public init(_ timestamp: Timestamp, _ monotonic: MonotonicTime = .now) {
    self.timestamp = timestamp
    self.monotonic = monotonic
  }

  /// The time by a clock that shows `now`: as recorded, unless the clock has stepped.
  public func timestamp(asOf now: Timestamp, _ monotonic: MonotonicTime = .now) -> Timestamp {
    let age = monotonic.elapsed(since: self.monotonic)
    let moment = now.advanced(by: .zero - age)
    // Slewing a clock is not a step; the recorded time stays the same between two calls.
    let difference = moment.elapsed(since: timestamp)
    return difference > .seconds(5) || difference < .seconds(-5) ? moment : timestamp
  }
}

/// Resource usage of this process.
package enum ProcessCost {
  /// Nanoseconds of CPU time since it started, all threads together.
  package static var cpuNanoseconds: Int64 { read(CLOCK_PROCESS_CPUTIME_ID) }

  /// Resident memory in bytes; 0 if `/proc` cannot be read.
  package static var residentBytes: Int {
    guard let file = fopen("/proc/self/statm", "re") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
    let text = String(
      decoding: line.prefix { $0 != 0 }.map { UInt8(truncatingIfNeeded: $0) },
      as: UTF8.self
    )
    let fields = text.split(separator: " ")
    guard fields.count > 1, let pages = Int(fields[1]) else { return 0 }
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
  }
}

private func read(_ clock: clockid_t) -> Int64 {
  var time = timespec()
  clock_gettime(clock, &time)
  let (whole, overflow) = Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
  let (sum, carry) = whole.addingReportingOverflow(Int64(time.tv_nsec))
  return overflow || carry ? (time.tv_sec < 0 ? .min : .max) : sum
}
