/// Working memory that all detectors of a thread share, and through it the one place that knows
/// which detector judges what.
package final class DetectorScratch {
  private let values = TrainingScratch()
  /// Made when the first trace comes: most hosts have none.
  private lazy var symbols = SymbolTraining()

  /// Memory for any number of detectors.
  package init() {}

  /// A detector that has seen nothing.
  /// - Parameter prior: what one of values begins with; nil: nothing.
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
    // What judges rows needs a trained model, which is not here.
    case .rows: PassiveDetector(of: family, configuration: configuration)
    }
  }
}
