import Series

/// The mean surprise of the last few events: an order that is unusual as a whole.
struct WindowedSurprise {
  /// Most nats that one event counts for, so that a single one is no window's reason.
  static let cap: Float = 8
  /// The longest window.
  static let longest = 64

  private let recent: UnsafeMutablePointer<Float>
  private var count = 0

  /// No events yet, in ``longest`` zeros at `recent`.
  init(recent: UnsafeMutablePointer<Float>) {
    self.recent = recent
  }

  /// Takes the surprise of one event, in nats.
  mutating func append(_ surprise: Float) {
    recent[count % WindowedSurprise.longest] = min(surprise, WindowedSurprise.cap)
    count += 1
  }

  /// The mean over the last `length` events; nil before there are so many.
  func mean(_ length: Int) -> Double? {
    guard count >= length else { return nil }
    var sum: Float = 0
    for place in (count - length)..<count { sum += recent[place % WindowedSurprise.longest] }
    return Double(sum) / Double(length)
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(count: &count, "surprises")
    try coder.code(floats: recent, count: WindowedSurprise.longest)
  }
}
