/// Working memory shared by all detectors of a thread, and therefore also the factory that chooses
/// the detector for each family.
package final class DetectorScratch {
  private let values = TrainingScratch()
  /// Created for the first trace: most hosts have none.
  private lazy var symbols = SymbolTraining()

  /// Memory for any number of detectors.
  package init() {}

  /// A detector that has seen nothing.
  /// - Parameter prior: the initial network of a value detector; nil: none.
  package func detector(
    of family: Evidence.Family, configuration: DetectorConfiguration, prior: DetectorPrior? = nil
  ) -> any Detector {
    guard configuration.judges else {
      return PassiveDetector(of: family, configuration: configuration)
    }
    return switch family {
    case .values:
      prior.map { ValueDetector(configuration: configuration, scratch: values, prior: $0) }
        ?? ValueDetector(configuration: configuration, scratch: values)
    case .symbols: SequenceDetector(configuration: configuration, scratch: symbols)
    // Judging rows needs a trained model, which is not available here.
    case .rows: PassiveDetector(of: family, configuration: configuration)
    }
  }
}
