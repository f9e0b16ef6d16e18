import Series

/// Extends the errors of networks that read principal components with a row's coordinates along the
/// remaining directions, which those networks do not see: a sensor that no longer agrees with the others.
///
/// In terms of process monitoring, the networks' errors replace T2, and the remainder replaces Q (Jackson
/// and Mudholkar 1979), per direction, so that the cause can be attributed to columns.
final class ResidualReader: RowReader {
  private let network: any RowReader
  private let inputs: Int
  private let residuals: Int
  private var readings = RowReadings()

  /// - Parameters:
  ///   - network: reads the components.
  ///   - inputs: number of components.
  ///   - residuals: number of remaining directions.
  init(_ network: any RowReader, inputs: Int, residuals: Int) {
    self.network = network
    self.inputs = inputs
    self.residuals = residuals
  }

  var width: Int { network.width + residuals }

  func column(of error: Int) -> Int {
    error < network.width ? network.column(of: error) : inputs + error - network.width
  }

  func horizon(of error: Int) -> Int? {
    error < network.width ? network.horizon(of: error) : nil
  }

  func read(_ tape: RowTape, into readings: inout RowReadings) {
    self.readings.removeAll()
    network.read(tape, into: &self.readings)
    let width = network.width
    for row in 0..<tape.count {
      let errors = self.readings.errors[(row * width)..<((row + 1) * width)]
      readings.errors += errors
      // Rows before the network's first judgement are not judged by the remainder alone.
      if errors.contains(where: \.isFinite) {
        readings.errors += tape.residuals[(row * residuals)..<((row + 1) * residuals)]
      } else {
        readings.errors += repeatElement(.nan, count: residuals)
      }
    }
    readings.forecasts += self.readings.forecasts
    readings.scales += self.readings.scales
  }

  func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try network.code(&coder)
  }
}
