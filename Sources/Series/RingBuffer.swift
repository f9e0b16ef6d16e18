/// The most recent samples of one metric in a fixed number of bytes.
///
/// Each sample takes 8 bytes: the value as a 32-bit float, and the time since the previous sample
/// in milliseconds, saturating at 49 days. When full, the oldest sample is dropped.
public struct RingBuffer: Sendable {
  /// The maximum number of samples.
  public var capacity: Int { slots.count }
  /// Bytes that it allocates on the heap.
  public var byteCount: Int { RingBuffer.byteCount(capacity: capacity) }
  /// The current number of samples.
  public private(set) var count = 0

  /// A stored sample.
  private struct Slot {
    var value: Float
    var stepMilliseconds: UInt32
  }

  private var slots: [Slot]
  private var head = 0
  private var newest = Timestamp(nanoseconds: 0)

  /// An empty buffer for `capacity` samples, `capacity >= 1`.
  public init(capacity: Int) {
    precondition(capacity >= 1, "a ring buffer must hold at least one sample")
    slots = [Slot](repeating: Slot(value: 0, stepMilliseconds: 0), count: capacity)
  }

  /// Heap bytes of a buffer for `capacity` samples: 8 a sample, plus Swift's array header.
  public static func byteCount(capacity: Int) -> Int { 32 + MemoryLayout<Slot>.stride * capacity }

  /// Appends a sample; if the buffer is full, the oldest one is dropped. Does not allocate.
  ///
  /// A sample earlier than its predecessor is stored as simultaneous with it.
  public mutating func append(_ sample: Sample) {
    // Between whole milliseconds, so that what is cut off does not add up from sample to sample.
    let step = RingBuffer.milliseconds(sample.timestamp) - RingBuffer.milliseconds(newest)
    slots[head] = Slot(
      value: RingBuffer.rounded(sample.value),
      stepMilliseconds: count == 0 ? 0 : UInt32(clamping: max(0, step)))
    newest = sample.timestamp
    head = head + 1 == slots.count ? 0 : head + 1
    count = min(count + 1, slots.count)
  }

  private static func milliseconds(_ moment: Timestamp) -> Int64 {
    let (whole, rest) = moment.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000)
    return rest < 0 ? whole - 1 : whole
  }

  /// As a 32-bit float; a finite value stays finite.
  private static func rounded(_ value: Double) -> Float {
    let greatest = Double(Float.greatestFiniteMagnitude)
    return Float(value.isFinite ? max(-greatest, min(greatest, value)) : value)
  }

  /// The samples, oldest first; time stamps are exact to a millisecond. Allocates the result.
  public func samples(last limit: Int = .max) -> [Sample] {
    let wanted = min(limit, count)
    var result: [Sample] = []
    result.reserveCapacity(wanted)
    var index = head
    var moment = newest.nanoseconds
    for _ in 0..<wanted {
      index = index == 0 ? slots.count - 1 : index - 1
      result.append(
        Sample(timestamp: Timestamp(nanoseconds: moment), value: Double(slots[index].value)))
      moment -= Int64(slots[index].stepMilliseconds) * 1_000_000
    }
    result.reverse()
    return result
  }

  /// The time of the oldest of the last `limit` samples, to a millisecond per step in between, and
  /// the mean of their finite values, NaN if there are none. Nil if the buffer is empty; fewer
  /// samples than requested if it holds fewer. Does not allocate.
  public func summary(last limit: Int) -> (oldest: Timestamp, mean: Double)? {
    let wanted = min(limit, count)
    guard wanted > 0 else { return nil }
    var index = head
    var moment = newest.nanoseconds
    var sum = 0.0
    var finite = 0
    for step in 0..<wanted {
      index = index == 0 ? slots.count - 1 : index - 1
      if slots[index].value.isFinite {
        sum += Double(slots[index].value)
        finite += 1
      }
      if step < wanted - 1 { moment -= Int64(slots[index].stepMilliseconds) * 1_000_000 }
    }
    return (Timestamp(nanoseconds: moment), finite > 0 ? sum / Double(finite) : .nan)
  }
}
