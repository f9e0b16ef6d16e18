/// How often the value was inside the forecast band, by number of rows ahead.
///
/// A band has the right width if it covers its nominal share: 95% of normal rows, for example. Adds
/// up over series.
public struct BandCoverage: Equatable, Sendable {
  private var counts: [Int: (inside: Int, all: Int)] = [:]

  /// The measure of no series.
  public init() {}

  /// Counts a forecast.
  public mutating func add(horizon: Int, isInside: Bool) {
    counts[horizon, default: (0, 0)].inside += isInside ? 1 : 0
    counts[horizon, default: (0, 0)].all += 1
  }

  /// The share of the values inside the band by horizon, nearest first.
  public var shares: [(horizon: Int, share: Double)] {
    counts.keys.sorted().compactMap { horizon in
      counts[horizon].map { (horizon, Double($0.inside) / Double($0.all)) }
    }
  }

  /// Adds the counts of other series.
  public static func += (total: inout BandCoverage, other: BandCoverage) {
    for (horizon, counts) in other.counts {
      total.counts[horizon, default: (0, 0)].inside += counts.inside
      total.counts[horizon, default: (0, 0)].all += counts.all
    }
  }

  /// Whether all counts are equal.
  public static func == (one: BandCoverage, other: BandCoverage) -> Bool {
    one.counts.count == other.counts.count
      && one.counts.allSatisfy { key, value in other.counts[key].map { $0 == value } ?? false }
  }
}
