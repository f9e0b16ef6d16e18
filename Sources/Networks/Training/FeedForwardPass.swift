/// Dense layers with hyperbolic tangents between them, and one prediction for each example.
public final class FeedForwardPass: NetworkPass {
  /// `[batch][inputLanes of the lowest layer]`, filled by the source.
  public var inputs: UnsafeMutableBufferPointer<Float> { memory[0] }
  /// Number of floats between two rows of ``inputs``.
  public var inputLanes: Int { layers[0].shape.inputLanes }
  /// A row for each example.
  public let head: PredictionHead
  private let layers: [DenseBatch]
  private let memory: FloatBlocks

  /// A network with a dense layer of each of the sizes in `hidden`, from below.
  public init(
    inputs: Int, hidden: [Int], targets: Int, loss: Loss, batch: Int, kernels: Kernels = .current
  ) {
    precondition(!hidden.isEmpty, "a network needs a layer")
    layers = zip([inputs] + hidden.dropLast(), hidden).map { inputs, outputs in
      DenseBatch(
        shape: DenseShape(inputs: inputs, outputs: outputs), rows: batch, kernels: kernels)
    }
    head = PredictionHead(
      inputs: hidden[hidden.count - 1], targets: targets, loss: loss, rows: batch,
      kernels: kernels)
    memory = FloatBlocks(batch * layers[0].shape.inputLanes)
  }

  /// Number of floats in the parameter block.
  public var parameterCount: Int {
    layers.reduce(head.layer.shape.parameterCount) { $0 + $1.shape.parameterCount }
  }

  /// Fills a parameter block for a network that has learnt nothing.
  public func initialize(_ weights: UnsafeMutablePointer<Float>, random: inout XorShift) {
    var weights = weights
    for layer in layers {
      layer.shape.initialize(weights, random: &random)
      weights += layer.shape.parameterCount
    }
    head.layer.shape.initialize(weights, gain: 0.1, random: &random)
  }

  /// Drops nothing: there is one kind of layer, and it is small.
  public func forward(weights: UnsafePointer<Float>, dropout: Float, random: inout XorShift) {
    var (weights, inputs) = (weights, inputs)
    for layer in layers {
      layer.forward(weights: weights, inputs: inputs)
      layer.applyTangent()
      weights += layer.shape.parameterCount
      inputs = layer.outputs
    }
    head.layer.forward(weights: weights, inputs: inputs)
  }

  /// Propagates the gradient of the predictions back; see ``NetworkPass``.
  public func backward(weights: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>) {
    var offset = parameterCount - head.layer.shape.parameterCount
    let top = layers[layers.count - 1]
    head.layer.backward(
      weights: weights + offset, inputs: top.outputs, gradient: gradient + offset,
      inputGradient: top.outputGradient)
    for index in layers.indices.reversed() {
      let layer = layers[index]
      let below = index > 0 ? layers[index - 1] : nil
      layer.backThroughTangent()
      offset -= layer.shape.parameterCount
      layer.backward(
        weights: weights + offset, inputs: below?.outputs ?? inputs, gradient: gradient + offset,
        inputGradient: below?.outputGradient)
    }
  }
}
