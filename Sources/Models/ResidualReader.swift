import Series

/// Adds to the errors of networks that read principal components what rows have beside the components,
/// which those networks cannot miss, as they do not see it: a sensor that no longer keeps to the others.
///
/// In the terms of process monitoring, the networks' errors take the place of T2 and the rest that of Q
/// (Jackson and Mudholkar 1979), by direction, so that it is clear which columns are the cause.
final class ResidualReader: RowReader {
  private let network: any RowReader
  private let inputs: Int
  private let residuals: Int
  private var readings = RowReadings()

  /// - Parameters:
  ///   - network: reads the components.
  ///   - inputs: number of components.
  ///   - residuals: number of other directions.
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
      // Rows that only lead up to the first judgement are not judged by their rest alone.
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
