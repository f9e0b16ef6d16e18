/// The computation of a network on one share of a mini-batch, with all the memory it needs.
///
/// Inputs, targets and initial states are filled in by an ``ExampleSource``.
public protocol NetworkPass: AnyObject, SendableMetatype {
  /// Number of floats in the parameter block, padding included: a multiple of 8.
  var parameterCount: Int { get }
  /// What is predicted, and its loss.
  var head: PredictionHead { get }

  /// Fills a parameter block for a network that has learnt nothing.
  func initialize(_ weights: UnsafeMutablePointer<Float>, random: inout XorShift)

  /// Computes the predictions.
  /// - Parameters:
  ///   - weights: ``parameterCount`` floats.
  ///   - dropout: the fraction of the outputs between two layers that is dropped, 0 ..< 1.
  func forward(weights: UnsafePointer<Float>, dropout: Float, random: inout XorShift)

  /// Propagates the gradient of the predictions back.
  /// - Parameters:
  ///   - weights: those of ``forward(weights:dropout:random:)``.
  ///   - gradient: ``parameterCount`` floats to which the weight gradient is added.
  func backward(weights: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>)
}

/// The dense layer at the end of a network, with the targets of its rows and the loss.
public final class PredictionHead {
  /// The layer.
  public let layer: DenseBatch
  /// The loss of the predictions.
  public let loss: Loss
  /// Number of targets of a row.
  public let targetCount: Int
  /// Number of floats between two rows of ``targets``.
  public let lanes: Int
  private let memory: FloatBlocks

  /// A head with `targets` targets for each of `rows` rows.
  public init(inputs: Int, targets: Int, loss: Loss, rows: Int, kernels: Kernels = .current) {
    let shape =
      if case .studentT = loss {
        DenseShape.studentT(inputs: inputs, targets: targets)
      } else {
        DenseShape(inputs: inputs, outputs: targets)
      }
    layer = DenseBatch(shape: shape, rows: rows, kernels: kernels)
    self.loss = loss
    targetCount = targets
    lanes = layer.targetLanes(of: loss)
    memory = FloatBlocks(rows * lanes, rows * lanes)
  }

  /// `[rows][lanes]`: what should have been predicted; finite even where unknown.
  public var targets: UnsafeMutableBufferPointer<Float> { memory[0] }
  /// `[rows][lanes]`: the weight of each target, >= 0; 0 where unknown and in the padding.
  public var targetWeights: UnsafeMutableBufferPointer<Float> { memory[1] }
  /// `[rows][stride]`: the predictions; of a Student-t loss `lanes` locations, then as many
  /// log-scales.
  public var predictions: UnsafeMutableBufferPointer<Float> { layer.outputs }
  /// Number of floats between two rows of ``predictions``.
  public var stride: Int { layer.shape.lanes }

  /// Marks all targets as unknown.
  public func clearTargets() {
    targets.update(repeating: 0)
    targetWeights.update(repeating: 0)
  }

  /// The sum of the weights of all targets.
  public var totalWeight: Float { targetWeights.reduce(0, +) }

  /// The loss of the predictions, summed over all targets; leaves their gradient in the layer.
  /// - Parameter scale: factor of value and gradient.
  public func apply(scale: Float) -> Float {
    layer.apply(loss, targets: targets, weights: targetWeights, scale: scale)
  }
}
