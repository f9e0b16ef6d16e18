/// An autoencoder of sequences (Malhotra et al. 2016; Sutskever et al. 2014): the output of the
/// encoder's uppermost cell after the last step is the decoder's only input, at each of its steps.
///
/// The sequence is reproduced from its end: row `[step]` of ``head`` is step `steps - 1 - step`.
public final class ReconstructionPass: NetworkPass {
  /// The encoder, whose inputs the source fills in.
  public let encoder: CellStack
  /// A row for each step of each sequence, `[steps][batch]`, the last step first.
  public let head: PredictionHead
  private let decoder: CellStack

  /// A network whose decoder has the encoder's cells in reverse order.
  /// - Parameters:
  ///   - inputs: number of values at each step, all of which are reproduced.
  ///   - hidden: units of the encoder's cells, from below.
  public init(
    inputs: Int, hidden: [Int], loss: Loss, steps: Int, batch: Int, kernels: Kernels = .current
  ) {
    encoder = CellStack(
      inputs: inputs, hidden: hidden, steps: steps, batch: batch, kernels: kernels)
    decoder = CellStack(
      inputs: encoder.top.shape.hidden, hidden: hidden.reversed(), steps: steps, batch: batch,
      kernels: kernels)
    head = PredictionHead(
      inputs: decoder.top.shape.hidden, targets: inputs, loss: loss, rows: steps * batch,
      kernels: kernels)
  }

  /// Number of floats in the parameter block.
  public var parameterCount: Int {
    encoder.parameterCount + decoder.parameterCount + head.layer.shape.parameterCount
  }

  /// Fills a parameter block for a network that has learnt nothing.
  public func initialize(_ weights: UnsafeMutablePointer<Float>, random: inout XorShift) {
    encoder.initialize(weights, random: &random)
    decoder.initialize(weights + encoder.parameterCount, random: &random)
    head.layer.shape.initialize(
      weights + encoder.parameterCount + decoder.parameterCount, random: &random)
  }

  /// Computes the predictions; see ``NetworkPass``.
  public func forward(weights: UnsafePointer<Float>, dropout: Float, random: inout XorShift) {
    let second = encoder.parameterCount
    if dropout > 0 {
      encoder.forward(weights: weights, dropout: dropout, random: &random)
    } else {
      encoder.forward(weights: weights)
    }
    // Rows of units are as long as rows of inputs: both are padded to whole vectors.
    let code = encoder.top.finalOutputs
    for start in stride(from: 0, to: decoder.inputs.count, by: code.count) {
      _ = UnsafeMutableBufferPointer(rebasing: decoder.inputs[start...])
        .update(fromContentsOf: code)
    }
    if dropout > 0 {
      decoder.forward(weights: weights + second, dropout: dropout, random: &random)
    } else {
      decoder.forward(weights: weights + second)
    }
    head.layer.forward(
      weights: weights + second + decoder.parameterCount, inputs: decoder.top.outputs)
  }

  /// Propagates the gradient of the predictions back; see ``NetworkPass``.
  public func backward(weights: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>) {
    let second = encoder.parameterCount
    let third = second + decoder.parameterCount
    head.layer.backward(
      weights: weights + third, inputs: decoder.top.outputs, gradient: gradient + third,
      inputGradient: decoder.top.outputGradient)
    for layer in decoder.layers { layer.stateGradient.update(repeating: 0) }
    decoder.backward(weights: weights + second, gradient: gradient + second, wantsInputs: true)

    for layer in encoder.layers { layer.stateGradient.update(repeating: 0) }
    encoder.top.outputGradient.update(repeating: 0)
    let slopes = decoder.layers[0].inputGradient
    let code = encoder.top.stateGradient
    let count = encoder.top.finalOutputs.count
    for start in stride(from: 0, to: slopes.count, by: count) {
      for place in 0..<count { code[place] += slopes[start + place] }
    }
    encoder.backward(weights: weights, gradient: gradient, wantsInputs: false)
  }
}
