public import Networks

/// Working memory shared by all symbol detectors of a thread: one gradient.
public final class SymbolTraining {
  /// The arithmetic of all detectors that use this memory.
  public let kernels: Kernels
  let gradient: SymbolScratch
  let learning: SymbolLearning

  /// Memory for detectors that run on `kernels`.
  public init(kernels: Kernels = .current) {
    self.kernels = kernels
    gradient = SymbolScratch(shape: SymbolForecaster.shape, steps: SymbolForecaster.chunk)
    learning = SymbolLearning(
      options: TruncatedBPTT.Options(learningRate: SymbolForecaster.learningRate),
      kernels: kernels)
  }
}
