import Networks
import Testing

@Suite struct ReferenceNetworkTests {
  @Test(arguments: [(3, 5, 2, 7), (12, 8, 4, 32), (1, 1, 1, 1)])
  func `the oracle's gradient is the numerical derivative of its loss`(
    inputs: Int, hidden: Int, horizons: Int, steps: Int
  ) {
    let example = Case(
      inputs: inputs, hidden: hidden, horizons: horizons, steps: steps, seed: 3)
    var network = example.network
    // Away from the clip of the log-scale, where the loss has no derivative.
    for q in 0..<horizons {
      network.parameters[example.shape.logScaleIndex(horizon: q, from: .bias)] = 0.1
    }
    let gradient = network.gradient(example.sequence)
    let largest = gradient.reduce(0) { max($0, abs($1)) }
    for index in stride(from: 0, to: gradient.count, by: max(1, gradient.count / 200)) {
      let h = 1e-5
      var moved = network
      moved.parameters[index] += h
      let above = moved.loss(example.sequence)
      moved.parameters[index] -= 2 * h
      let numerical = (above - moved.loss(example.sequence)) / (2 * h)
      let error = abs(numerical - gradient[index]) / max(abs(gradient[index]), 1e-3 * largest)
      #expect(error <= 1e-5, "parameter \(index): \(gradient[index]) against \(numerical)")
    }
  }
}
