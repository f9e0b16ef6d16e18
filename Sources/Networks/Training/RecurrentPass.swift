/// Cells on top of each other with a prediction after every step.
public final class RecurrentPass: NetworkPass {
  /// The cells; the source fills in their inputs and states.
  public let stack: CellStack
  /// A row for each step of each sequence, `[steps][batch]`.
  public let head: PredictionHead

  /// A network of `hidden` units per cell.
  public init(
    inputs: Int, hidden: [Int], targets: Int, loss: Loss, steps: Int, batch: Int,
    kernels: Kernels = .current
  ) {
    stack = CellStack(
      inputs: inputs, hidden: hidden, steps: steps, batch: batch, kernels: kernels)
    head = PredictionHead(
      inputs: stack.top.shape.hidden, targets: targets, loss: loss, rows: steps * batch,
      kernels: kernels)
  }

  /// Number of floats in the parameter block.
  public var parameterCount: Int { stack.parameterCount + head.layer.shape.parameterCount }

  /// Fills a parameter block for a network that has learnt nothing.
  public func initialize(_ weights: UnsafeMutablePointer<Float>, random: inout XorShift) {
    stack.initialize(weights, random: &random)
    head.layer.shape.initialize(weights + stack.parameterCount, gain: 0.1, random: &random)
  }

  /// Computes the predictions; see ``NetworkPass``.
  public func forward(weights: UnsafePointer<Float>, dropout: Float, random: inout XorShift) {
    if dropout > 0 {
      stack.forward(weights: weights, dropout: dropout, random: &random)
    } else {
      stack.forward(weights: weights)
    }
    head.layer.forward(weights: weights + stack.parameterCount, inputs: stack.top.outputs)
  }

  /// Propagates the gradient of the predictions back; see ``NetworkPass``.
  public func backward(weights: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>) {
    let first = stack.parameterCount
    head.layer.backward(
      weights: weights + first, inputs: stack.top.outputs, gradient: gradient + first,
      inputGradient: stack.top.outputGradient)
    for layer in stack.layers { layer.stateGradient.update(repeating: 0) }
    stack.backward(weights: weights, gradient: gradient, wantsInputs: false)
  }

  /// The gradient of each row's first prediction with respect to the inputs, into the `inputGradient`
  /// of the lowest cell; once per ``forward(weights:dropout:random:)``.
  /// - Parameters:
  ///   - weights: those of the forward pass.
  ///   - scratch: ``parameterCount`` floats that are overwritten.
  public func explainFirst(
    weights: UnsafePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) {
    let (first, slopes) = (stack.parameterCount, head.layer.outputGradient)
    slopes.update(repeating: 0)
    for row in stride(from: 0, to: slopes.count, by: head.stride) { slopes[row] = 1 }
    head.layer.backward(
      weights: weights + first, inputs: stack.top.outputs, gradient: scratch + first,
      inputGradient: stack.top.outputGradient)
    for layer in stack.layers { layer.stateGradient.update(repeating: 0) }
    stack.backward(weights: weights, gradient: scratch, wantsInputs: true)
  }
}
