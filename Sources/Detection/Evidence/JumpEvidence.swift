import Networks
package import Series

/// The value is far from the forecast.
struct JumpEvidence: EvidenceSource {
  static let kind = EvidenceKind(
    id: 0, family: .values, lane: 0, name: "jump",
    explanation: "the value is far from the forecast", pace: .fast)
  static let kinds = [kind]

  private var profile: DailyProfile

  init(_ cursor: inout MemoryCursor) {
    profile = DailyProfile(
      profile: cursor.take(DailyProfile.bins), visits: cursor.take(DailyProfile.span))
  }

  mutating func weigh(_ input: ValueInput, _ scales: inout Scales) {
    guard let forecast = input.forecast else { return }
    let kind = JumpEvidence.kind
    let error = profile.remaining(
      forecast.error, at: input.sample.timestamp, usual: scales.mean(of: kind),
      learns: scales.learns)
    scales.weigh(kind, error)
  }

  func prefetch(_ stage: PrefetchStage) {
    if stage == .longMemories { profile.prefetch() }
  }

  /// The id of the profile, and that of its newest visits, which are missing in older state.
  static let ids: [UInt8] = [kind.id, 102]

  mutating func code(
    _ id: UInt8, _ coder: inout some StateCoder
  ) throws(StateDecodingError) -> Bool {
    switch id {
    case JumpEvidence.ids[0]: try code(&coder)
    case JumpEvidence.ids[1]: try profile.codeVisits(&coder)
    default: return false
    }
    return true
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try profile.code(&coder)
  }
}

/// Learns at which times of day a metric jumps daily, and discounts such jumps.
///
/// 288 bins of five minutes each hold the largest forecast error that is usual within half an hour
/// of that time of day, since jobs do not start to the minute. If such errors are usually far above
/// the metric's general error, only the excess counts.
package struct DailyProfile {
  /// Bins in a day.
  package static let bins = 288
  /// Fraction by which a bin moves towards its latest visit.
  private static let rate: Float = 0.5
  /// A bin discounts errors when it exceeds this many general errors.
  private static let notable: Float = 12
  /// The most bins of a gap that take the value of the bin before it.
  private static let longestCarry = 24
  /// Number of bins to either side whose errors a bin learns.
  private static let jitter = 6
  /// Number of bins that one bin learns from, itself included.
  package static let span = 2 * jitter + 1

  private let profile: UnsafeMutablePointer<UInt16>
  /// Largest errors of the newest ``span`` bins, in any order.
  private let visits: UnsafeMutablePointer<UInt16>
  /// How many consecutive bins have been visited, up to ``span``, and where the next one is stored.
  private var (held, next): (UInt8, UInt8) = (0, 0)
  private var visitMaximum: Float = 0
  private var bin = -1

  /// A profile of zeros in ``bins`` words at `profile` and ``span`` words at `visits`.
  package init(profile: UnsafeMutablePointer<UInt16>, visits: UnsafeMutablePointer<UInt16>) {
    self.profile = profile
    self.visits = visits
  }

  /// Prefetches the bins around the time of day.
  func prefetch() { Memory.prefetch(profile + max(0, bin - 1), count: 4) }

  /// The part of an absolute forecast error at `timestamp` that is not discounted.
  /// - Parameters:
  ///   - usual: the metric's general error, in the same unit.
  ///   - learns: whether the error enters the profile.
  package mutating func remaining(
    _ error: Double, at timestamp: Timestamp, usual: Float, learns: Bool = true
  ) -> Double {
    let now = Int(timestamp.secondOfDay / 300) % DailyProfile.bins
    if learns {
      if now != bin {
        if bin >= 0 { closeVisit(before: now, usual: usual) }
        bin = now
        visitMaximum = 0
      }
      visitMaximum = max(visitMaximum, Float(error))
    }
    let bins = DailyProfile.bins
    let expected = max(
      usualError(now), usualError((now + 1) % bins), usualError((now + bins - 1) % bins))
    return expected > DailyProfile.notable * usual ? max(0, error - Double(expected)) : error
  }

  private mutating func closeVisit(before now: Int, usual: Float) {
    let bins = DailyProfile.bins
    let skipped = (now - bin + bins) % bins
    guard skipped <= DailyProfile.longestCarry else {
      learn(bin, visitMaximum, usual: usual)
      held = 0
      return
    }
    let span = UInt8(DailyProfile.span)
    for step in 0..<skipped {
      visits[Int(next)] = visitMaximum.upperHalf
      next = (next + 1) % span
      held = min(held + 1, span)
      guard held == span else { continue }
      var largest: Float = 0
      for place in 0..<DailyProfile.span { largest = max(largest, Float(upperHalf: visits[place])) }
      learn((bin + step - DailyProfile.jitter + bins) % bins, largest, usual: usual)
    }
  }

  /// Moves a bin towards the largest error around it.
  private func learn(_ bin: Int, _ largest: Float, usual: Float) {
    let left = usualError(bin)
    let bounded = min(largest, 3 * left + 4 * usual)
    profile[bin] = (left + DailyProfile.rate * (bounded - left)).upperHalf
  }

  private func usualError(_ bin: Int) -> Float {
    Float(upperHalf: profile[bin])
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(&visitMaximum)
    try coder.code(&bin, in: -1...(DailyProfile.bins - 1), "time-of-day bin")
    try coder.code(words: profile, count: DailyProfile.bins)
  }

  mutating func codeVisits(_ coder: inout some StateCoder) throws(StateDecodingError) {
    let span = UInt8(DailyProfile.span)
    try coder.code(&held, in: 0...span, "visited times of day")
    try coder.code(&next, in: 0...(span - 1), "place among the visited times of day")
    try coder.code(words: visits, count: DailyProfile.span)
  }
}

extension Timestamp {
  /// Nanoseconds in a day.
  static let dayNanoseconds: Int64 = 86_400_000_000_000

  /// Nanoseconds since the last midnight, UTC; 0 ..< ``dayNanoseconds``.
  var nanosecondOfDay: Int64 {
    let rest = nanoseconds % Timestamp.dayNanoseconds
    return rest < 0 ? rest + Timestamp.dayNanoseconds : rest
  }

  /// Whole seconds since the last midnight, UTC.
  var secondOfDay: Int64 { nanosecondOfDay / 1_000_000_000 }

  /// Day of the week, 0 for Monday.
  var weekday: Int {
    let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: Timestamp.dayNanoseconds)
    let days = rest < 0 ? whole - 1 : whole
    return Int(((days + 3) % 7 + 7) % 7)  // 1970-01-01 was a Thursday
  }
}
