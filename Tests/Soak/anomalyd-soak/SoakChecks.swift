import Detection
import Monitor
import Series

/// Looks at what comes of every sample.
final class ScoreChecker: SampleObserver {
  private(set) var notFinite = 0
  private(set) var highest: Float = 0

  func note(_ sample: Sample, of metric: MonitoredMetric, at index: Int) {
    guard let verdict = metric.verdict else { return }
    if !verdict.score.isFinite || !verdict.expected.isFinite { notFinite += 1 }
    highest = max(highest, verdict.score)
  }

  func forget(_ index: Int) {}
}

/// The trend of a series.
enum SoakTrend {
  /// What it gains from one value to the next: the median of all slopes between two values (Theil and Sen),
  /// since a day whose last moment is that of a snapshot stands out.
  static func slope(_ values: [Double]) -> Double {
    var slopes: [Double] = []
    for later in values.indices {
      for earlier in 0..<later {
        slopes.append((values[later] - values[earlier]) / Double(later - earlier))
      }
    }
    slopes.sort()
    return slopes.isEmpty ? 0 : slopes[slopes.count / 2]
  }
}
