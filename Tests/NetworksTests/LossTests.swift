import Glibc
import Networks
import Testing

/// Dense layers and losses compared with their equations and numerical derivatives.
@Suite struct LossTests {
  private static let losses: [Loss] = [
    .studentT(degreesOfFreedom: 4), .studentT(degreesOfFreedom: 1.5), .squaredError,
    .absoluteError, .logistic,
  ]

  private static func value(_ loss: Loss, _ y: Double, _ second: Double, _ target: Double) -> Double
  {
    switch loss {
    case .studentT(let degreesOfFreedom):
      let nu = Double(degreesOfFreedom)
      let scale = min(max(second, -5), 3)
      let e = (target - y) * exp(-scale)
      return scale + (nu + 1) / 2 * log(1 + e * e / nu)
    case .squaredError: return (y - target) * (y - target)
    case .absoluteError: return abs(y - target)
    case .logistic: return log(1 + exp(-y)) + (1 - target) * y
    }
  }

  @Test(arguments: InstructionSet.available, losses)
  func `values match the equations, gradients the numerical derivatives`(
    set: InstructionSet, loss: Loss
  ) throws {
    var random = XorShift(seed: 51)
    let rows = 3
    let known = 5
    let shape =
      if case .studentT = loss { DenseShape.studentT(inputs: 1, targets: known) } else {
        DenseShape(inputs: 1, outputs: known)
      }
    let layer = DenseBatch(shape: shape, rows: rows, kernels: try #require(Kernels(set)))
    let lanes = layer.targetLanes(of: loss)
    let targets = UnsafeMutableBufferPointer<Float>.allocate(capacity: rows * lanes)
    let weights = UnsafeMutableBufferPointer<Float>.allocate(capacity: rows * lanes)
    defer {
      targets.deallocate()
      weights.deallocate()
    }
    for index in 0..<(rows * lanes) {
      targets[index] = Float(loss == .logistic ? random.uniform() : random.gaussian())
      weights[index] = index % lanes < known ? Float(random.uniform()) : 0
    }
    // Within the clip of the log-scale, outside which slopes are dropped on purpose.
    for index in 0..<layer.outputs.count { layer.outputs[index] = Float(random.gaussian()) }
    let found = layer.apply(loss, targets: targets, weights: weights, scale: 0.5)

    func total(_ outputs: [Double]) -> Double {
      var sum = 0.0
      for row in 0..<rows {
        for column in 0..<lanes {
          let first = row * shape.lanes + column
          let second = first + shape.lanes - lanes
          sum +=
            0.5 * Double(weights[row * lanes + column])
            * LossTests.value(
              loss, outputs[first], outputs[second], Double(targets[row * lanes + column]))
        }
      }
      return sum
    }
    let outputs = layer.outputs.map { Double($0) }
    #expect(abs(Double(found) - total(outputs)) < 2e-5)
    for index in outputs.indices {
      var moved = outputs
      moved[index] += 1e-6
      let above = total(moved)
      moved[index] -= 2e-6
      let expected = (above - total(moved)) / 2e-6
      #expect(abs(Double(layer.outputGradient[index]) - expected) < 1e-5, "output \(index)")
    }
  }

  @Test(arguments: InstructionSet.available, [2, 3, 8, 17])
  func `cross entropy weighs classes and leaves out rows of none`(
    set: InstructionSet, count: Int
  ) throws {
    var random = XorShift(seed: 52)
    let layer = DenseBatch(
      shape: DenseShape(inputs: 1, outputs: count), rows: 4, kernels: try #require(Kernels(set)))
    let lanes = layer.shape.lanes
    for index in 0..<layer.outputs.count { layer.outputs[index] = Float(2 * random.gaussian()) }
    var classes: [Int32] = [0, -1, Int32(count - 1), 1]
    var classWeights = (0..<count).map { Float($0 + 1) / 4 }
    let found = classes.withUnsafeMutableBufferPointer { classes in
      classWeights.withUnsafeMutableBufferPointer { weights in
        layer.applyCrossEntropy(classes: classes, classWeights: weights, scale: 0.5)
      }
    }
    let logits = layer.outputs.map { Double($0) }
    layer.applySoftmax()
    var expected = 0.0
    for (row, label) in classes.enumerated() {
      let own = logits[(row * lanes)...].prefix(count)
      let sum = own.reduce(0) { $0 + exp($1) }
      let share = label < 0 ? 0 : 0.5 * Double(classWeights[Int(label)])
      if label >= 0 { expected += share * (log(sum) - logits[row * lanes + Int(label)]) }
      for column in 0..<lanes {
        let slope = Double(layer.outputGradient[row * lanes + column])
        guard column < count else {
          #expect(slope == 0)
          continue
        }
        let probability = exp(logits[row * lanes + column]) / sum
        #expect(abs(Double(layer.outputs[row * lanes + column]) - probability) < 1e-6)
        #expect(abs(slope - share * (probability - (column == Int(label) ? 1 : 0))) < 1e-6)
      }
    }
    #expect(abs(Double(found) - expected) < 1e-5)
  }

  /// Exclusive or: no layer without the tangent between learns it.
  @Test func `two dense layers with tangents between learn what one cannot`() {
    let hidden = DenseBatch(shape: DenseShape(inputs: 2, outputs: 8), rows: 4)
    let output = DenseBatch(shape: DenseShape(inputs: 8, outputs: 1), rows: 4)
    let first = hidden.shape.parameterCount
    let total = first + output.shape.parameterCount
    let memory = UnsafeMutablePointer<Float>.allocate(capacity: 4 * total + 4 * 32)
    defer { memory.deallocate() }
    memory.initialize(repeating: 0, count: 4 * total + 4 * 32)
    func block(_ index: Int) -> UnsafeMutableBufferPointer<Float> {
      UnsafeMutableBufferPointer(start: memory + 4 * total + 32 * index, count: 32)
    }
    let (inputs, targets, weights, slopes) = (block(0), block(1), block(2), block(3))
    for row in 0..<4 {
      inputs[8 * row] = Float(row % 2)
      inputs[8 * row + 1] = Float(row / 2)
      targets[8 * row] = row == 1 || row == 2 ? 1 : 0
      weights[8 * row] = 1
    }
    var random = XorShift(seed: 53)
    hidden.shape.initialize(memory, random: &random)
    output.shape.initialize(memory + first, random: &random)
    let gradient = memory + total
    let moments = AdamMoments(mean: memory + 2 * total, variance: memory + 3 * total)
    var clock = AdamClock()
    for _ in 0..<500 {
      hidden.forward(weights: memory, inputs: inputs)
      hidden.applyTangent()
      output.forward(weights: memory + first, inputs: hidden.outputs)
      _ = output.apply(.logistic, targets: targets, weights: weights, scale: 0.25)
      gradient.update(repeating: 0, count: total)
      output.backward(
        weights: memory + first, inputs: hidden.outputs, gradient: gradient + first,
        inputGradient: hidden.outputGradient)
      hidden.backThroughTangent()
      hidden.backward(weights: memory, inputs: inputs, gradient: gradient, inputGradient: slopes)
      _ = clock.follow(
        gradient, count: total, weights: memory, moments: moments, learningRate: 3e-2,
        maximumNorm: 1)
    }
    output.applyLogistic()
    for row in 0..<4 { #expect(abs(output.outputs[8 * row] - targets[8 * row]) < 0.1) }
  }
}
