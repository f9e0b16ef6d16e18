/// The volume under the surface of precision and recall over thresholds and buffers around
/// anomalies (VUS-PR; Paparrizos et al., PVLDB 2022): it rewards ranking rows near an anomaly
/// highly, and needs neither a threshold nor exact borders of labels.
///
/// As in the authors' program: rows within half a buffer of an anomaly are anomalous to a degree
/// that decreases with the distance, recall is weighted by the share of anomalies that are at least
/// partly found, and 250 thresholds are taken at equal ranks.
public struct VolumeUnderSurface: Equatable, Sendable {
  /// Thresholds of a curve.
  private static let thresholds = 250
  /// Maximum number of buffers; of longer ranges some are left out, evenly.
  private static let mostBuffers = 21

  /// The volume, 0...1; nil if no row is anomalous.
  public let value: Double?

  /// The measure of one series, excluding rows that do not count.
  /// - Parameter longest: rows of the longest buffer; nil for the median length of the anomalies,
  ///   of at most 100 rows.
  public init(_ series: JudgedSeries, longest: Int? = nil) {
    var (labels, scores): ([Double], [Double]) = ([], [])
    for row in 0..<series.count where series.labels[row] != .uncounted {
      labels.append(series.labels[row] == .anomalous ? 1 : 0)
      scores.append(series.scores[row].isNaN ? -.infinity : series.scores[row])
    }
    guard labels.contains(1) else {
      value = nil
      return
    }
    let lengths = VolumeUnderSurface.runs(labels).map(\.count).sorted()
    let longest = longest ?? min(100, lengths[lengths.count / 2])
    let order = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
    let step = max(
      1, (longest + VolumeUnderSurface.mostBuffers - 1) / VolumeUnderSurface.mostBuffers)
    let buffers = Array(stride(from: 0, through: longest, by: step))
    value =
      buffers.reduce(0) {
        $0 + VolumeUnderSurface.area(labels, scores, order, buffer: $1)
      } / Double(buffers.count)
  }

  private static func runs(_ labels: [Double]) -> [ClosedRange<Int>] {
    JudgedSeries.runs(labels.count) { labels[$0] > 0 }
  }

  /// Labels that fall off around anomalies.
  private static func softened(_ labels: [Double], buffer: Int) -> [Double] {
    guard buffer > 0 else { return labels }
    var soft = labels
    for run in runs(labels) {
      for row in run
        .upperBound..<max(run.upperBound, min(run.upperBound + buffer / 2, labels.count))
      {
        soft[row] += (1 - Double(row - run.upperBound) / Double(buffer)).squareRoot()
      }
      for row in max(0, run.lowerBound - buffer / 2)..<run.lowerBound {
        soft[row] += (1 - Double(run.lowerBound - row) / Double(buffer)).squareRoot()
      }
    }
    return soft.map { min(1, $0) }
  }

  private static func area(
    _ labels: [Double], _ scores: [Double], _ order: [Int], buffer: Int
  ) -> Double {
    let soft = softened(labels, buffer: buffer)
    let segments = runs(soft)
    var segment = [Int](repeating: -1, count: soft.count)
    for (number, run) in segments.enumerated() { for row in run { segment[row] = number } }
    // Half way between the labels' sum with buffers and without, so that recall reaches 1.
    let positives = (labels.reduce(0, +) + soft.reduce(0, +)) / 2
    var isFound = [Bool](repeating: false, count: segments.count)
    var (place, truths, found) = (0, 0.0, 0)
    var (area, recall) = (0.0, 0.0)
    for number in 0..<thresholds {
      let rank = (soft.count - 1) * number / (thresholds - 1)
      let threshold = scores[order[rank]]
      while place < order.count, scores[order[place]] >= threshold {
        let row = order[place]
        truths += soft[row]
        if segment[row] >= 0, !isFound[segment[row]] {
          isFound[segment[row]] = true
          found += 1
        }
        place += 1
      }
      let reached = min(1, truths / positives) * Double(found) / Double(segments.count)
      area += (reached - recall) * truths / Double(place)
      recall = reached
    }
    return area
  }
}
