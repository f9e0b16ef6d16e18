import Networks
import Testing

/// Layers, losses and one whole update compared with PyTorch.
@Suite struct GoldenLayerTests {
  @Test(arguments: InstructionSet.available)
  func `cells and their gradients match PyTorch`(set: InstructionSet) throws {
    let kernels = try #require(Kernels(set))
    for golden in try GoldenLayers.stored.get().cells {
      let count = golden.parameters.count
      let stack = CellStack(
        inputs: golden.inputs, hidden: [Int](repeating: golden.hidden, count: count),
        steps: golden.steps, batch: golden.batch, kernels: kernels)
      let units = stack.top.shape.units
      func flat(_ parameters: [GoldenLayers.CellParameters]) -> [Double] {
        zip(parameters, stack.layers).flatMap { $0.flattened($1.shape) }
      }
      let weights = flat(golden.parameters).map { Float($0) }
      var gradient = [Float](repeating: 0, count: weights.count)
      stack.inputs.fill(padded(golden.x, to: stack.layers[0].shape.lanes))
      for (index, layer) in stack.layers.enumerated() {
        layer.initialOutputs.fill(padded(golden.h[index], to: units))
        layer.initialCells.fill(padded(golden.c[index], to: units))
        layer.stateGradient.fill(
          padded([golden.slopes.h[index], golden.slopes.c[index]], to: units))
      }
      stack.top.outputGradient.fill(padded(golden.slopes.outputs, to: units))

      stack.forward(weights: weights)
      #expect(stack.top.outputs.distance(to: padded(golden.outputs, to: units)) < 1e-6)
      for (index, layer) in stack.layers.enumerated() {
        #expect(layer.finalOutputs.distance(to: padded(golden.finalH[index], to: units)) < 1e-6)
        #expect(layer.finalCells.distance(to: padded(golden.finalC[index], to: units)) < 2e-6)
      }
      stack.backward(weights: weights, gradient: &gradient, wantsInputs: true)
      let expected = flat(golden.gradient.parameters)
      let largest = expected.reduce(0) { max($0, abs($1)) }
      let tolerance = 2e-6 * max(1, largest)
      gradient.withUnsafeMutableBufferPointer {
        #expect($0.distance(to: expected) < tolerance)
      }
      let bottom = stack.layers[0]
      #expect(
        bottom.inputGradient.distance(to: padded(golden.gradient.x, to: bottom.shape.lanes))
          < tolerance)
      for (index, layer) in stack.layers.enumerated() {
        let states = [golden.gradient.h[index], golden.gradient.c[index]]
        #expect(layer.stateGradient.distance(to: padded(states, to: units)) < tolerance)
      }
    }
  }

  /// A dense layer's parameters in the project's layout, from PyTorch's `[outputs][inputs]`.
  static func flattened(
    _ shape: DenseShape, _ weight: [[Double]], _ bias: [Double], place: (Int) -> Int = { $0 }
  ) -> [Double] {
    var result = [Double](repeating: 0, count: shape.parameterCount)
    for (output, row) in weight.enumerated() {
      result[shape.index(place(output), from: nil)] = bias[output]
      for (input, value) in row.enumerated() {
        result[shape.index(place(output), from: input)] = value
      }
    }
    return result
  }

  @Test(arguments: InstructionSet.available)
  func `dense layers and their gradients match PyTorch`(set: InstructionSet) throws {
    for golden in try GoldenLayers.stored.get().dense {
      let shape = DenseShape(inputs: golden.inputs, outputs: golden.outputs)
      let layer = DenseBatch(shape: shape, rows: golden.rows, kernels: try #require(Kernels(set)))
      let weights = GoldenLayerTests.flattened(shape, golden.weight, golden.bias).map { Float($0) }
      var gradient = [Float](repeating: 0, count: weights.count)
      let inputs = UnsafeMutableBufferPointer<Float>.allocate(
        capacity: 2 * golden.rows * shape.inputLanes)
      defer { inputs.deallocate() }
      let x = UnsafeMutableBufferPointer(rebasing: inputs[..<(inputs.count / 2)])
      let slopes = UnsafeMutableBufferPointer(rebasing: inputs[(inputs.count / 2)...])
      x.fill(padded(golden.x, to: shape.inputLanes))
      layer.outputGradient.fill(padded(golden.slopes, to: shape.lanes))
      layer.forward(weights: weights, inputs: x)
      layer.backward(weights: weights, inputs: x, gradient: &gradient, inputGradient: slopes)
      #expect(layer.outputs.distance(to: padded(golden.y, to: shape.lanes)) < 2e-6)
      #expect(slopes.distance(to: padded(golden.gradient.x, to: shape.inputLanes)) < 5e-6)
      let expected = GoldenLayerTests.flattened(
        shape, golden.gradient.weight, golden.gradient.bias)
      gradient.withUnsafeMutableBufferPointer { #expect($0.distance(to: expected) < 5e-6) }
    }
  }

  @Test(arguments: InstructionSet.available)
  func `losses and their gradients match PyTorch`(set: InstructionSet) throws {
    let kernels = try #require(Kernels(set))
    let losses: [String: Loss] = [
      "studentT": .studentT(degreesOfFreedom: 4), "squaredError": .squaredError,
      "absoluteError": .absoluteError, "logistic": .logistic,
    ]
    for golden in try GoldenLayers.stored.get().losses {
      let loss = try #require(losses[golden.name])
      let rows = golden.y.count
      let isScaled = golden.name == "studentT"
      let shape =
        isScaled
        ? DenseShape.studentT(inputs: 1, targets: golden.columns)
        : DenseShape(inputs: 1, outputs: golden.columns)
      let layer = DenseBatch(shape: shape, rows: rows, kernels: kernels)
      let lanes = layer.targetLanes(of: loss)
      // Locations and log-scales are padded each for itself.
      func split(_ rows: [[Double]]) -> [Double] {
        guard isScaled else { return padded(rows, to: lanes) }
        return padded(
          rows.flatMap { [Array($0.prefix(golden.columns)), Array($0.suffix(golden.columns))] },
          to: lanes)
      }
      let memory = UnsafeMutableBufferPointer<Float>.allocate(capacity: 2 * rows * lanes)
      defer { memory.deallocate() }
      let targets = UnsafeMutableBufferPointer(rebasing: memory[..<(rows * lanes)])
      let weights = UnsafeMutableBufferPointer(rebasing: memory[(rows * lanes)...])
      targets.fill(padded(golden.targets, to: lanes))
      weights.fill(padded(golden.weights, to: lanes))
      layer.outputs.fill(split(golden.y))
      let value = layer.apply(loss, targets: targets, weights: weights, scale: 1)
      #expect(
        abs(Double(value) - golden.value) < 2e-6 * max(1, abs(golden.value)), "\(golden.name)")
      #expect(layer.outputGradient.distance(to: split(golden.gradient)) < 3e-6, "\(golden.name)")
    }
  }

  @Test(arguments: InstructionSet.available)
  func `class-weighted cross entropy matches PyTorch`(set: InstructionSet) throws {
    for golden in try GoldenLayers.stored.get().classes {
      let layer = DenseBatch(
        shape: DenseShape(inputs: 1, outputs: golden.weights.count), rows: golden.y.count,
        kernels: try #require(Kernels(set)))
      layer.outputs.fill(padded(golden.y, to: layer.shape.lanes))
      var classes = golden.classes
      var weights = golden.weights.map { Float($0) }
      let value = classes.withUnsafeMutableBufferPointer { classes in
        weights.withUnsafeMutableBufferPointer { weights in
          layer.applyCrossEntropy(classes: classes, classWeights: weights, scale: 1)
        }
      }
      #expect(abs(Double(value) - golden.value) < 2e-6 * golden.value)
      #expect(
        layer.outputGradient.distance(to: padded(golden.gradient, to: layer.shape.lanes)) < 1e-6)
    }
  }

  @Test(arguments: InstructionSet.available)
  func `one whole update matches PyTorch`(set: InstructionSet) throws {
    let golden = try GoldenLayers.stored.get().update
    let kernels = try #require(Kernels(set))
    let stack = CellStack(
      inputs: golden.inputs, hidden: [golden.hidden, golden.hidden], steps: golden.steps,
      batch: golden.batch, kernels: kernels)
    let shape = DenseShape.studentT(inputs: golden.hidden, targets: golden.targets)
    let head = DenseBatch(shape: shape, rows: golden.steps * golden.batch, kernels: kernels)
    let loss = Loss.studentT(degreesOfFreedom: 4)
    let lanes = head.targetLanes(of: loss)
    // PyTorch's outputs are locations, then log-scales, without padding.
    func flat(_ parameters: GoldenLayers.Update.Parameters) -> [Double] {
      zip(parameters.cells, stack.layers).flatMap { $0.flattened($1.shape) }
        + GoldenLayerTests.flattened(shape, parameters.weight, parameters.bias) {
          $0 < golden.targets ? $0 : lanes + $0 - golden.targets
        }
    }
    let parameters = flat(golden.parameters)
    let count = parameters.count
    let first = stack.parameterCount
    let memory = UnsafeMutableBufferPointer<Float>.allocate(
      capacity: 4 * count + 2 * head.rows * lanes)
    defer { memory.deallocate() }
    memory.initialize(repeating: 0)
    memory.fill(parameters)
    let start = try #require(memory.baseAddress)
    let gradient = UnsafeMutableBufferPointer(rebasing: memory[count..<(2 * count)])
    let rest = UnsafeMutableBufferPointer(rebasing: memory[(4 * count)...])
    let targets = UnsafeMutableBufferPointer(rebasing: rest[..<(head.rows * lanes)])
    let weights = UnsafeMutableBufferPointer(rebasing: rest[(head.rows * lanes)...])
    targets.fill(padded(golden.expected, to: lanes))
    for index in weights.indices { weights[index] = index % lanes < golden.targets ? 1 : 0 }

    stack.inputs.fill(padded(golden.x, to: stack.layers[0].shape.lanes))
    stack.forward(weights: start)
    head.forward(weights: start + first, inputs: stack.top.outputs)
    let value = head.apply(
      loss, targets: targets, weights: weights, scale: 1 / Float(golden.batch))
    #expect(abs(Double(value) - golden.loss) < 2e-6 * abs(golden.loss))
    head.backward(
      weights: start + first, inputs: stack.top.outputs, gradient: start + count + first,
      inputGradient: stack.top.outputGradient)
    stack.backward(weights: start, gradient: start + count, wantsInputs: false)
    let expected = flat(golden.gradient)
    #expect(gradient.distance(to: expected) < 5e-6)

    var clock = AdamClock()
    let followed = clock.follow(
      start + count, count: count, weights: start,
      moments: AdamMoments(mean: start + 2 * count, variance: start + 3 * count),
      learningRate: 2e-3, maximumNorm: 1, kernels: kernels)
    #expect(followed)
    // The first step of Adam is close to the sign of the gradient: if that is almost zero, rounding
    // decides.
    for (index, after) in flat(golden.afterUpdate).enumerated() where abs(expected[index]) > 1e-4 {
      #expect(abs(Double(start[index]) - after) < 1e-6, "parameter \(index)")
    }
  }
}
