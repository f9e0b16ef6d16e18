import Detection
import Networks
import Testing

/// The search for the nearest window over values stored as halves, compared with the same search
/// over the exact values.
@Suite struct WindowNoveltyTests {
  /// A search with its memory, and the values that it should know.
  private final class Search {
    let span: WindowNovelty.Span
    private let bank: UnsafeMutablePointer<UInt16>
    private var novelty: WindowNovelty
    private let scratch = TrainingScratch()
    private var aggregates: [Double] = []
    private var pending: [Double] = []

    init(_ span: WindowNovelty.Span) {
      self.span = span
      bank = .allocate(capacity: span.halfCount)
      bank.initialize(repeating: 0, count: span.halfCount)
      novelty = WindowNovelty(span, bank: bank)
    }

    deinit { bank.deallocate() }

    func take(_ value: Double) -> Float? {
      pending.append(value)
      if pending.count == span.aggregate {
        aggregates.append(pending.reduce(0, +) / Double(span.aggregate))
        pending = []
      }
      return novelty.distance(value, scratch: scratch)
    }

    /// The distance without any rounding; nil if there is too little to compare with.
    var exact: Double? {
      guard aggregates.count >= span.needed else { return nil }
      let kept = Array(aggregates.suffix(span.bank))
      let newest = kept.suffix(span.length)
      var least = Double.infinity
      for start in 0...(kept.count - span.length - span.exclusion) {
        var sum = 0.0
        for (a, b) in zip(kept[start...], newest) { sum += (a - b) * (a - b) }
        least = min(least, sum)
      }
      return (least / Double(span.length)).squareRoot()
    }
  }

  @Test(arguments: WindowNovelty.Span.allCases)
  func `the search finds what a search over all kept windows finds`(span: WindowNovelty.Span) {
    var random = XorShift(seed: 9)
    let search = Search(span)
    for sample in 1...(span.aggregate * (span.bank + 300)) {
      let found = search.take(random.gaussian())
      guard sample % (97 * span.aggregate) == 0 || sample < 40 * span.aggregate,
        sample % span.aggregate == 0
      else { continue }
      guard let exact = search.exact else {
        #expect(found == nil)
        continue
      }
      #expect(abs(Double(found ?? -1) - exact) <= 1e-3 * exact, "sample \(sample)")
    }
  }

  /// Level and size of noise, including a change of one at 10^12.
  @Test(arguments: [(1e12, 1.0), (-1e9, 1e-3), (0, 1e-20), (1e20, 1e15)])
  func `noise on any level is measured`(level: Double, size: Double) throws {
    var random = XorShift(seed: 3)
    let search = Search(.window8)
    for sample in 1...700 {
      // As in the detector: the first value is subtracted in double precision.
      let noise = (random.gaussian() * 64).rounded() / 64
      let found = search.take(level + size * noise - level)
      guard sample % 50 == 0 else { continue }
      let exact = try #require(search.exact)
      #expect(abs(Double(found ?? -1) - exact) <= 2e-3 * exact, "sample \(sample)")
    }
  }

  @Test(arguments: WindowNovelty.Span.allCases, [(1e6, 2e-3), (-1e9, 2e-2)])
  func `a spike is detected and costs later values no precision`(
    span: WindowNovelty.Span, spike: (height: Double, tolerance: Double)
  ) throws {
    var random = XorShift(seed: 5)
    let search = Search(span)
    var highest: Float = 0
    for aggregate in 1...(span.bank + 500) {
      var found: Float?
      for _ in 0..<span.aggregate {
        found = search.take(aggregate == 400 ? spike.height : random.gaussian())
      }
      if aggregate < 400 + span.length {
        highest = max(highest, found ?? 0)
      } else if aggregate % 61 == 0 {
        let exact = try #require(search.exact)
        let error = abs(Double(found ?? -1) - exact)
        #expect(error <= spike.tolerance * exact, "aggregate \(aggregate)")
      }
    }
    #expect(Double(highest) > abs(spike.height) / 10)
  }

  @Test(arguments: WindowNovelty.Span.allCases)
  func `an exceptional first change has no lasting effect`(span: WindowNovelty.Span) throws {
    for first in [1e-12, 1e12] {
      var random = XorShift(seed: 6)
      let search = Search(span)
      for aggregate in 1...700 {
        var found: Float?
        for _ in 0..<span.aggregate {
          found = search.take(aggregate < 20 ? 0 : aggregate == 20 ? first : random.gaussian())
        }
        guard aggregate > 400, aggregate % 7 == 0 else { continue }
        let distance = Double(try #require(found))
        let exact = try #require(search.exact)
        // The values lost in rounding at first lie on the centre, and are near or far by chance.
        #expect(distance > 0.5 * exact, "\(first), \(aggregate)")
        #expect(distance < 3 * exact, "\(first), \(aggregate)")
      }
    }
  }

  @Test(arguments: WindowNovelty.Span.allCases, [1e3, -1e5, 1e9])
  func `after a level shift the search recovers, without false alarms before`(
    span: WindowNovelty.Span, move: Double
  ) throws {
    var random = XorShift(seed: 8)
    let search = Search(span)
    var usual = 0.0
    for aggregate in 1...1300 {
      var found: Float?
      for _ in 0..<span.aggregate {
        found = search.take(random.gaussian() + (aggregate > 600 ? move : 0))
      }
      guard aggregate % 7 == 0 else { continue }
      if (300...600).contains(aggregate) { usual = max(usual, search.exact ?? 0) }
      guard aggregate > 600 + 2 * span.length + span.exclusion else { continue }
      let distance = Double(try #require(found))
      let exact = try #require(search.exact)
      #expect(distance <= max(2 * exact, usual), "aggregate \(aggregate)")
      if aggregate > 1100 { #expect(distance >= 0.75 * exact, "aggregate \(aggregate)") }
    }
  }

  @Test func `repeated values are at distance 0, whatever they are`() {
    let levels = [0.1, 1_234_567.891, -3e-7, 1e6 / 3]
    for span in WindowNovelty.Span.allCases {
      let search = Search(span)
      for aggregate in 0..<(span.bank + 600) {
        for _ in 0..<span.aggregate {
          let found = search.take(levels[aggregate / 20 % 4])
          if aggregate > 200 { #expect(found == 0, "aggregate \(aggregate)") }
        }
      }
    }
  }
}
