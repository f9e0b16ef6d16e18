import Glibc
import Networks
package import Series

/// The components of a synthetic series: level, trend, seasons and noise.
package struct SeriesRecipe: Equatable, Sendable {
  /// The distribution of the noise.
  package enum Noise: String, CaseIterable, Sendable {
    /// Normal.
    case gaussian
    /// Laplace: more large values.
    case laplace
    /// Student-t with 3 degrees of freedom: many more.
    case student
    /// Exponential, towards larger values only.
    case exponential
  }

  /// A wave.
  package struct Season: Equatable, Sendable {
    /// Rows of a period, > 0.
    package var period: Double
    /// Half the height.
    package var amplitude: Double

    /// A wave.
    package init(period: Double, amplitude: Double) {
      self.period = period
      self.amplitude = amplitude
    }
  }

  /// Rows.
  package var rows = 10_000
  /// Columns, called `value` or `value_1`, `value_2`...
  package var columns = 1
  /// Time of the first row.
  package var start = Timestamp(seconds: 1_767_225_600)
  /// From row to row.
  package var interval = Duration.seconds(60)
  /// The initial level.
  package var level = 50.0
  /// Its rise per 1000 rows.
  package var trend = 0.0
  /// Waves; each column has its own phases.
  package var seasons: [Season] = []
  /// The distribution of the noise.
  package var noise = Noise.gaussian
  /// The deviation of the noise.
  package var deviation = 1.0
  /// Seed of everything.
  package var seed: UInt64 = 1

  /// A noisy level.
  package init() {}

  /// The series without anomalies.
  package func table(name: String) -> RecordedTable {
    let names = columns == 1 ? ["value"] : (1...columns).map { "value_\($0)" }
    var table = RecordedTable(name: name, columns: names)
    var random = XorShift(seed: seed)
    let phases = (0..<(columns * seasons.count)).map { _ in random.uniform() }
    for row in 0..<rows {
      table.append(at: start.advanced(by: interval * row))
      for column in 0..<columns {
        var value = level + trend * Double(row) / 1000
        for (place, season) in seasons.enumerated() {
          let turns = Double(row) / season.period
          let phase = column == 0 ? 0 : phases[column * seasons.count + place]
          value += season.amplitude * sin(2 * .pi * (turns + phase))
        }
        table[row, column] = value + deviation * draw(&random)
      }
    }
    table.labels = Array(repeating: false, count: rows)
    return table
  }

  /// Noise of deviation 1.
  private func draw(_ random: inout XorShift) -> Double {
    switch noise {
    case .gaussian: return random.gaussian()
    case .laplace:
      let place = random.uniform() - 0.5
      return (place < 0 ? 1 : -1) * log(max(1e-12, 1 - 2 * abs(place))) / 2.0.squareRoot()
    case .student:
      let squares = (0..<3).reduce(0.0) { sum, _ in
        let value = random.gaussian()
        return sum + value * value
      }
      return random.gaussian() / max(squares, 1e-9).squareRoot()
    case .exponential: return -log(max(1e-12, 1 - random.uniform())) - 1
    }
  }
}
