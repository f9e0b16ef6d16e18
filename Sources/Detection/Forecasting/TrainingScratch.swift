import Glibc
public import Networks

/// Working memory shared by all value detectors of a thread: one gradient, one table of sines.
public final class TrainingScratch {
  /// The arithmetic of all detectors that use this scratch.
  public let kernels: Kernels
  let gradient: GradientScratch
  let learning: TruncatedBPTT
  let forward: ForwardStep
  /// One turn of the sine in ``sineCount`` steps.
  let sine: UnsafeMutablePointer<Float>
  /// The initial state of a replay.
  let state: UnsafeMutablePointer<Float>
  /// A ``WindowNovelty`` bank as floats.
  let window: UnsafeMutablePointer<Float>
  /// The features of one sample.
  let features: UnsafeMutablePointer<Float>
  /// Steps in a turn; a power of two.
  static let sineCount = 1024

  /// Memory for detectors that run on `kernels`.
  public init(kernels: Kernels = .current) {
    self.kernels = kernels
    gradient = GradientScratch(shape: Forecaster.shape, steps: Forecaster.chunk)
    learning = TruncatedBPTT(kernels: kernels)
    forward = ForwardStep(shape: Forecaster.shape, kernels: kernels)
    features = .allocate(capacity: Forecaster.shape.inputs)
    features.initialize(repeating: 0, count: Forecaster.shape.inputs)
    state = .allocate(capacity: Forecaster.shape.stateCount)
    state.initialize(repeating: 0, count: Forecaster.shape.stateCount)
    let longest = WindowNovelty.Span.allCases.map(\.halfCount).max() ?? 0
    window = .allocate(capacity: longest)
    window.initialize(repeating: 0, count: longest)
    sine = .allocate(capacity: TrainingScratch.sineCount)
    for index in 0..<TrainingScratch.sineCount {
      sine[index] = sinf(2 * .pi * Float(index) / Float(TrainingScratch.sineCount))
    }
  }

  deinit {
    sine.deallocate()
    window.deallocate()
    state.deallocate()
    features.deallocate()
  }
}
