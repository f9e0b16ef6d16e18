/// The most recent samples of one metric in a fixed number of bytes.
///
/// Each sample takes 8 bytes: the value as a 32-bit float, and the time since the previous sample
/// in milliseconds, saturating at 49 days. When full, the oldest sample is dropped.
public struct RingBuffer: Sendable {
  /// The most samples it holds.
  public var capacity: Int { values.count }
  /// How many samples it holds now.
  public private(set) var count = 0

  private var values: [Float]
  private var stepsMilliseconds: [UInt32]
  private var head = 0
  private var newest = Timestamp(nanoseconds: 0)

  /// An empty buffer for `capacity` samples, `capacity >= 1`.
  public init(capacity: Int) {
    precondition(capacity >= 1, "a ring buffer needs room for at least one sample")
    values = [Float](repeating: 0, count: capacity)
    stepsMilliseconds = [UInt32](repeating: 0, count: capacity)
  }

  /// Appends a sample; the oldest goes when the buffer is full. Does not allocate.
  ///
  /// A sample earlier than its predecessor is stored as simultaneous with it.
  public mutating func append(_ sample: Sample) {
    let step = (sample.timestamp.nanoseconds &- newest.nanoseconds) / 1_000_000
    values[head] = Float(sample.value)
    stepsMilliseconds[head] = count == 0 ? 0 : UInt32(clamping: max(0, step))
    newest = sample.timestamp
    head = head + 1 == values.count ? 0 : head + 1
    count = min(count + 1, values.count)
  }

  /// The samples, oldest first; time stamps are exact to a millisecond. Allocates the result.
  public func samples(last limit: Int = .max) -> [Sample] {
    let wanted = min(limit, count)
    var result: [Sample] = []
    result.reserveCapacity(wanted)
    var index = head
    var moment = newest.nanoseconds
    for _ in 0..<wanted {
      index = index == 0 ? values.count - 1 : index - 1
      result.append(
        Sample(timestamp: Timestamp(nanoseconds: moment), value: Double(values[index])))
      moment -= Int64(stepsMilliseconds[index]) * 1_000_000
    }
    result.reverse()
    return result
  }

  /// When the oldest of the last `limit` samples was measured, to a millisecond for each step
  /// between, and the mean of their finite values, NaN where there is none. Nil while the buffer is
  /// empty; fewer samples than asked for where it holds fewer. Does not allocate.
  public func summary(last limit: Int) -> (oldest: Timestamp, mean: Double)? {
    let wanted = min(limit, count)
    guard wanted > 0 else { return nil }
    var index = head
    var moment = newest.nanoseconds
    var sum = 0.0
    var finite = 0
    for step in 0..<wanted {
      index = index == 0 ? values.count - 1 : index - 1
      if values[index].isFinite {
        sum += Double(values[index])
        finite += 1
      }
      if step < wanted - 1 { moment -= Int64(stepsMilliseconds[index]) * 1_000_000 }
    }
    return (Timestamp(nanoseconds: moment), finite > 0 ? sum / Double(finite) : .nan)
  }
}
