/// One or more LSTM cells on top of each other, over a batch of sequences: each reads the outputs of
/// the one below it. Parameters are one block, cell after cell from below.
public final class CellStack {
  /// The cells with their batches, from below.
  public let layers: [SequenceBatch]
  private let mask: FloatBlocks

  /// A stack of cells of `hidden` units each.
  public init(
    inputs: Int, hidden: [Int], steps: Int, batch: Int, kernels: Kernels = .current
  ) {
    precondition(!hidden.isEmpty, "a stack needs a cell")
    let below = [inputs] + hidden.dropLast()
    layers = zip(below, hidden).map { inputs, hidden in
      SequenceBatch(
        shape: CellShape(inputs: inputs, hidden: hidden), steps: steps, batch: batch,
        kernels: kernels)
    }
    mask = FloatBlocks(layers.dropFirst().reduce(0) { $0 + $1.inputs.count })
  }

  /// `[steps][batch][lanes]` of the lowest cell, filled by the caller.
  public var inputs: UnsafeMutableBufferPointer<Float> { layers[0].inputs }
  /// The uppermost cell, whose outputs are those of the stack.
  public var top: SequenceBatch { layers[layers.count - 1] }
  /// Number of floats in the parameter block.
  public var parameterCount: Int { layers.reduce(0) { $0 + $1.shape.parameterCount } }

  /// Fills a parameter block for cells that have learnt nothing (see ``CellShape/initialize``).
  public func initialize(_ floats: UnsafeMutablePointer<Float>, random: inout XorShift) {
    var floats = floats
    for layer in layers {
      layer.shape.initialize(floats, random: &random)
      floats += layer.shape.parameterCount
    }
  }

  /// Sets all initial states to 0.
  public func resetState() { for layer in layers { layer.resetState() } }

  /// Sets the initial states of one sequence to 0: its next step starts a new sequence.
  public func resetState(ofSequence sequence: Int) {
    for layer in layers {
      let units = layer.shape.units
      for state in [layer.initialOutputs, layer.initialCells] {
        UnsafeMutableBufferPointer(rebasing: state[(sequence * units)..<((sequence + 1) * units)])
          .update(repeating: 0)
      }
    }
  }

  /// The final states become the initial ones (see ``SequenceBatch/carryState(from:)``).
  public func carryState() { for layer in layers { layer.carryState() } }

  /// Runs all cells over all steps.
  /// - Parameter weights: ``parameterCount`` floats.
  public func forward(weights: UnsafePointer<Float>) {
    forward(weights: weights) { 1 }
  }

  /// Runs all cells over all steps, in training with dropout (Srivastava et al. 2014).
  /// - Parameters:
  ///   - weights: ``parameterCount`` floats.
  ///   - dropout: the fraction of the outputs between two cells that is set to 0, the rest being
  ///     scaled up by 1 / (1 - dropout); 0 ..< 1.
  ///   - random: the generator that selects the dropped outputs.
  public func forward(
    weights: UnsafePointer<Float>, dropout: Float, random: inout XorShift
  ) {
    precondition(dropout >= 0 && dropout < 1, "a dropout outside 0 ..< 1")
    let scale = 1 / (1 - dropout)
    forward(weights: weights) { random.uniform() < Double(dropout) ? 0 : scale }
  }

  private func forward(weights: UnsafePointer<Float>, draw: () -> Float) {
    var weights = weights
    var factors = mask.start(0)
    for (index, layer) in layers.enumerated() {
      if index > 0 {
        let below = layers[index - 1].outputs
        for place in 0..<below.count {
          factors[place] = draw()
          layer.inputs[place] = below[place] * factors[place]
        }
        factors += below.count
      }
      layer.forward(weights: weights)
      weights += layer.shape.parameterCount
    }
  }

  /// Propagates the gradients of ``top`` and the state gradients of all layers back to the lowest cell.
  /// - Parameters:
  ///   - weights: those of the forward pass.
  ///   - gradient: ``parameterCount`` floats to which the weight gradient is added.
  ///   - wantsInputs: whether the gradient of the lowest cell's inputs is wanted.
  public func backward(
    weights: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>, wantsInputs: Bool
  ) {
    var offset = parameterCount
    var place = layers.dropFirst().reduce(0) { $0 + $1.inputs.count }
    for index in layers.indices.reversed() {
      let layer = layers[index]
      offset -= layer.shape.parameterCount
      layer.backward(
        weights: weights + offset, gradient: gradient + offset,
        wantsInputs: index > 0 || wantsInputs)
      guard index > 0 else { continue }
      let below = layers[index - 1].outputGradient
      place -= below.count
      let factors = mask.start(0) + place
      for place in 0..<below.count { below[place] = layer.inputGradient[place] * factors[place] }
    }
  }
}
