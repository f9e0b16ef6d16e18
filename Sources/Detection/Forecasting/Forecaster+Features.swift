import Networks
package import Series

/// Weekday and time of day of a sample, in 13 bits: 7 x 1024 steps of 84 seconds.
package struct Phase {
  /// The steps of a week.
  static let steps: ClosedRange<UInt16> = 0...(7 * 1024 - 1)

  package let bits: UInt16

  init(bits: UInt16) {
    self.bits = bits
  }

  package init(_ timestamp: Timestamp) {
    let step = timestamp.nanosecondOfDay / (Timestamp.dayNanoseconds / 1024)
    bits = UInt16(timestamp.weekday * 1024) + UInt16(min(step, 1023))
  }

  /// Time of day, 0..<1024.
  package var day: Int { Int(bits & 1023) }
  /// Time of week from Monday, 0..<1024.
  package var week: Int { Int(bits) / 7 }
}

extension Forecaster {
  /// Writes the 12 features of a remembered sample: value, change since the preceding value, sines
  /// and cosines of one to four turns a day, and of one turn a week.
  func writeFeatures(
    of sample: Int, to features: UnsafeMutablePointer<Float>, scratch: TrainingScratch
  ) {
    let place = sample % Forecaster.memory
    let value = Forecaster.scaled(places.scaled[place])
    let previous = sample > 0 ? scaledValue(sample - 1) : value
    features[0] = value
    features[1] = value - previous
    let phase = Phase(bits: places.phases[place])
    let mask = TrainingScratch.sineCount - 1
    let quarter = TrainingScratch.sineCount / 4
    for turns in 1...4 {
      features[2 * turns] = scratch.sine[(turns * phase.day) & mask]
      features[2 * turns + 1] = scratch.sine[(turns * phase.day + quarter) & mask]
    }
    features[10] = scratch.sine[phase.week]
    features[11] = scratch.sine[(phase.week + quarter) & mask]
  }

  func withFeatures(
    of sample: Int, scratch: TrainingScratch, _ body: (UnsafePointer<Float>) -> Void
  ) {
    writeFeatures(of: sample, to: scratch.features, scratch: scratch)
    body(UnsafePointer(scratch.features))
  }
}
