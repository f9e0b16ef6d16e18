package import CKernels

/// The sizes of a dense layer: `y = W x + b`.
public struct DenseShape: Equatable, Sendable {
  /// Number of inputs, >= 1.
  public let inputs: Int
  /// Number of outputs, >= 1.
  public let outputs: Int

  /// A layer of these sizes.
  public init(inputs: Int, outputs: Int) {
    precondition(inputs >= 1 && outputs >= 1, "a dense layer needs inputs and outputs")
    self.inputs = inputs
    self.outputs = outputs
  }

  /// The layer under a Student-t likelihood of `targets` values: their locations, then their
  /// log-scales, each padded to whole vectors of 8.
  public static func studentT(inputs: Int, targets: Int) -> DenseShape {
    DenseShape(inputs: inputs, outputs: 2 * ((targets + 7) / 8 * 8))
  }

  /// `inputs` rounded up to whole vectors of 8: the length of a row of inputs. Padding is zero.
  public var inputLanes: Int { (inputs + 7) / 8 * 8 }
  /// `outputs` rounded up to whole vectors of 8: the length of a row of outputs.
  public var lanes: Int { (outputs + 7) / 8 * 8 }
  /// Number of floats in a parameter block, padding included.
  public var parameterCount: Int { (inputs + 1) * lanes }

  /// Position in the parameter block of the weight from `input`, nil for the bias, to `output`.
  public func index(_ output: Int, from input: Int?) -> Int { (input ?? inputs) * lanes + output }

  /// Fills a parameter block for a layer that has learnt nothing: weights N(0,1) / sqrt(fan-in)
  /// times `gain`, biases 0.
  public func initialize(
    _ floats: UnsafeMutablePointer<Float>, gain: Double = 1, random: inout XorShift
  ) {
    floats.update(repeating: 0, count: parameterCount)
    let scale = gain / Double(inputs).squareRoot()
    for input in 0..<inputs {
      for output in 0..<outputs {
        floats[index(output, from: input)] = Float(random.gaussian() * scale)
      }
    }
  }

  /// The same sizes for the kernels.
  package var kernelShape: ck_dense {
    ck_dense(
      inputs: Int32(inputs), outputs: Int32(outputs), inputLanes: Int32(inputLanes),
      lanes: Int32(lanes))
  }
}

/// Forward and backward passes of a batch of rows through a dense layer, with the memory they need.
public final class DenseBatch {
  /// The layer's sizes.
  public let shape: DenseShape
  /// Number of rows, >= 1: of a batch, or of all its steps.
  public let rows: Int
  let kernels: Kernels
  private let memory: FloatBlocks

  /// Memory for `rows` rows.
  public init(shape: DenseShape, rows: Int, kernels: Kernels = .current) {
    precondition(rows >= 1, "a batch needs rows")
    self.shape = shape
    self.rows = rows
    self.kernels = kernels
    var sizes = shape.kernelShape
    memory = FloatBlocks(
      rows * shape.lanes, rows * shape.lanes, Int(ck_dense_scratch_floats(&sizes)))
  }

  /// `[rows][lanes]`: the results of ``forward(weights:inputs:)``.
  public var outputs: UnsafeMutableBufferPointer<Float> { memory[0] }
  /// `[rows][lanes]`: the gradient of ``outputs``, filled by a loss or by the layer above.
  public var outputGradient: UnsafeMutableBufferPointer<Float> { memory[1] }

  /// Computes ``outputs``.
  /// - Parameters:
  ///   - weights: `shape.parameterCount` floats.
  ///   - inputs: `[rows][inputLanes]`.
  public func forward(weights: UnsafePointer<Float>, inputs: UnsafeMutableBufferPointer<Float>) {
    precondition(inputs.count == rows * shape.inputLanes, "inputs of another size")
    var sizes = shape.kernelShape
    kernels.table.pointee.dense_forward(
      &sizes, weights, inputs.baseAddress, memory.start(0), Int32(rows))
  }

  /// Propagates ``outputGradient`` back.
  /// - Parameters:
  ///   - weights: those of ``forward(weights:inputs:)``.
  ///   - inputs: those of ``forward(weights:inputs:)``.
  ///   - gradient: `shape.parameterCount` floats to which the weight gradient is added.
  ///   - inputGradient: `[rows][inputLanes]`, overwritten; nil if not wanted.
  public func backward(
    weights: UnsafePointer<Float>, inputs: UnsafeMutableBufferPointer<Float>,
    gradient: UnsafeMutablePointer<Float>, inputGradient: UnsafeMutableBufferPointer<Float>?
  ) {
    precondition(inputs.count == rows * shape.inputLanes, "inputs of another size")
    precondition(
      (inputGradient ?? inputs).count == inputs.count, "a gradient of another size than its inputs")
    var sizes = shape.kernelShape
    var slopes = ck_dense_gradient(
      weights: weights, x: inputs.baseAddress, outputs: memory.start(1),
      inputs: inputGradient?.baseAddress, gradient: gradient, scratch: memory.start(2))
    kernels.table.pointee.dense_backward(&sizes, &slopes, Int32(rows))
  }

  /// Replaces ``outputs`` by their hyperbolic tangents.
  public func applyTangent() {
    kernels.table.pointee.tangents(memory.start(0), Int32(rows * shape.lanes))
  }

  /// Replaces ``outputGradient`` by the gradient of the tangents' arguments, after
  /// ``applyTangent()``.
  public func backThroughTangent() {
    kernels.table.pointee.tangents_back(
      memory.start(0), memory.start(1), Int32(rows * shape.lanes))
  }

  /// Replaces the logits in ``outputs`` by probabilities 1 / (1 + e^-y), each on its own.
  public func applyLogistic() {
    kernels.table.pointee.logistics(memory.start(0), Int32(rows * shape.lanes))
  }

  /// Replaces the logits of each row by probabilities that sum to 1.
  public func applySoftmax() {
    kernels.table.pointee.softmax(
      memory.start(0), Int32(rows), Int32(shape.outputs), Int32(shape.lanes))
  }
}
