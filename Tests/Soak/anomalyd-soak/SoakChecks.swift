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
  /// What it gains from one value to the next, by least squares.
  static func slope(_ values: [Double]) -> Double {
    let count = Double(values.count)
    let middle = (count - 1) / 2
    let mean = values.reduce(0, +) / count
    var (above, below) = (0.0, 0.0)
    for (index, value) in values.enumerated() {
      above += (Double(index) - middle) * (value - mean)
      below += (Double(index) - middle) * (Double(index) - middle)
    }
    return below > 0 ? above / below : 0
  }
}
