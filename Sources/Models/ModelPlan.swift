import Series

/// The sizes of a model and the parameters of its training.
package struct ModelPlan: Equatable, Sendable {
  /// Units of the cells or layers, from below.
  package var hidden = [32]
  /// Rows of a sequence: of a chunk of truncated backpropagation, or of a window.
  package var window = 64
  /// The farthest row ahead that is forecast.
  package var horizon = 4
  /// Fraction of outputs dropped between layers in training, 0 ..< 1.
  package var dropout = 0.0
  /// Sequences of a batch.
  package var batch = 32
  /// The most epochs.
  package var epochs = 60
  /// Epochs without improvement after which training ends.
  package var patience = 10
  /// Minimum updates per epoch, as far as the examples are enough to vary: small recordings are
  /// used several times.
  package var updates = 30
  /// Adam's step size at the beginning.
  package var learningRate = 3e-3
  /// Number of networks trained from different seeds, whose errors are averaged.
  package var members = 1
  /// Seed of initial weights, order and dropout.
  package var seed: UInt64 = 1
  /// Whether no state is carried from row to row. A forecaster then rereads the latest ``window``
  /// rows for every row, a classifier reads each row by itself: its features include earlier ones.
  package var isStateless = false
  /// Rows at the beginning of a stretch that a classifier compares all later rows with; 0: none.
  package var baseline = 0

  /// The defaults.
  package init() {}

  /// The rows ahead that are forecast: 1, 2, 4 and so on, and ``horizon``.
  var horizons: [Int] {
    var steps: [Int] = []
    var step = 1
    while step < horizon {
      steps.append(step)
      step *= 2
    }
    return steps + [horizon]
  }

  /// - Parameter version: of the file's format.
  mutating func code(
    _ coder: inout some StateCoder, version: UInt32
  ) throws(StateDecodingError) {
    var layers = hidden.count
    try coder.code(&layers, in: 1...4, "number of layers")
    hidden = hidden + Array(repeating: 1, count: max(0, layers - hidden.count))
    hidden.removeLast(hidden.count - layers)
    for layer in 0..<layers { try coder.code(&hidden[layer], in: 1...1024, "units") }
    try coder.code(&window, in: 2...4096, "window")
    try coder.code(&horizon, in: 1...256, "horizon")
    try coder.code(&dropout)
    try coder.code(&batch, in: 1...4096, "batch")
    try coder.code(&epochs, in: 1...1_000_000, "epochs")
    try coder.code(&patience, in: 1...1_000_000, "patience")
    try coder.code(&updates, in: 1...1_000_000, "updates")
    try coder.code(&learningRate)
    try coder.code(&members, in: 1...64, "members")
    try coder.code(&seed)
    guard version > 2 else { return }
    try coder.code(&isStateless)
    try coder.code(&baseline, in: 0...100_000, "baseline")
  }
}
