import CKernels

/// Forward and backward passes of a batch of sequences through one LSTM cell, with all the memory they
/// need, which is reused from batch to batch.
///
/// Arrays are dense and row-major; a row is one sequence at one step, padded with zeros to whole
/// vectors of 8 (``CellShape/lanes``, ``CellShape/units``).
public final class SequenceBatch {
  /// The cell's sizes.
  public let shape: CellShape
  /// Number of steps of each sequence, >= 1.
  public let steps: Int
  /// Number of sequences, >= 1.
  public let batch: Int
  private let memory: FloatBlocks
  private let kernels: Kernels

  /// Memory for `batch` sequences of `steps` steps; their initial states are 0.
  public init(shape: CellShape, steps: Int, batch: Int, kernels: Kernels = .current) {
    precondition(steps >= 1 && batch >= 1, "a batch needs sequences of at least one step")
    self.shape = shape
    self.steps = steps
    self.batch = batch
    self.kernels = kernels
    let rows = steps * batch
    var sizes = shape.kernelShape
    memory = FloatBlocks(
      rows * shape.lanes, (rows + batch) * shape.units, (rows + batch) * shape.units,
      rows * 4 * shape.units, rows * shape.units, rows * shape.units, 2 * batch * shape.units,
      rows * shape.lanes, Int(ck_cell_scratch_floats(&sizes)))
  }

  /// `[steps][batch][lanes]`, filled by the caller.
  public var inputs: UnsafeMutableBufferPointer<Float> { memory[0] }
  /// `[steps][batch][units]`: h after each step.
  public var outputs: UnsafeMutableBufferPointer<Float> { .init(rebasing: memory[1][stateRow...]) }
  /// `[batch][units]`: h after the last step.
  public var finalOutputs: UnsafeMutableBufferPointer<Float> {
    .init(rebasing: memory[1][(steps * stateRow)...])
  }
  /// `[batch][units]`: h before the first step.
  public var initialOutputs: UnsafeMutableBufferPointer<Float> {
    .init(rebasing: memory[1][..<stateRow])
  }
  /// `[batch][units]`: c before the first step.
  public var initialCells: UnsafeMutableBufferPointer<Float> {
    .init(rebasing: memory[2][..<stateRow])
  }
  /// `[batch][units]`: c after the last step.
  public var finalCells: UnsafeMutableBufferPointer<Float> {
    .init(rebasing: memory[2][(steps * stateRow)...])
  }

  /// `[steps][batch][units]`: the gradient of each output, filled by the caller before ``backward``.
  public var outputGradient: UnsafeMutableBufferPointer<Float> { memory[5] }
  /// `[2][batch][units]`: before ``backward`` the gradients of the final h (in addition to
  /// ``outputGradient``) and c, afterwards those of the initial h and c.
  public var stateGradient: UnsafeMutableBufferPointer<Float> { memory[6] }
  /// `[steps][batch][lanes]`: the gradient of the inputs, after a ``backward`` that wanted it.
  public var inputGradient: UnsafeMutableBufferPointer<Float> { memory[7] }

  private var stateRow: Int { batch * shape.units }

  /// Sets all initial states to 0: the next sequences are independent.
  public func resetState() {
    initialOutputs.update(repeating: 0)
    initialCells.update(repeating: 0)
  }

  /// Takes the final states of `other`, by default of the last run of this batch, as initial states:
  /// sequences continue from chunk to chunk, a decoder starts from its encoder's state.
  public func carryState(from other: SequenceBatch? = nil) {
    let other = other ?? self
    precondition(
      other.shape.units == shape.units && other.batch == batch, "states of different sizes")
    _ = initialOutputs.update(fromContentsOf: other.finalOutputs)
    _ = initialCells.update(fromContentsOf: other.finalCells)
  }

  /// Runs the cell over all steps.
  /// - Parameter weights: `shape.parameterCount` floats.
  public func forward(weights: UnsafePointer<Float>) {
    withRun(weights) { sizes, run in kernels.table.pointee.cell_forward(sizes, run) }
  }

  /// Propagates ``outputGradient`` and ``stateGradient`` back through all steps. Once per ``forward``,
  /// whose activations it overwrites.
  /// - Parameters:
  ///   - weights: those of ``forward``.
  ///   - gradient: `shape.parameterCount` floats to which the weight gradient is added.
  ///   - wantsInputs: whether ``inputGradient`` is wanted, which costs about a fifth more.
  public func backward(
    weights: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>, wantsInputs: Bool
  ) {
    var slopes = ck_cell_gradient(
      outputs: memory.start(5), state: memory.start(6),
      inputs: wantsInputs ? memory.start(7) : nil, gradient: gradient, scratch: memory.start(8))
    withRun(weights) { sizes, run in kernels.table.pointee.cell_backward(sizes, run, &slopes) }
  }

  private func withRun(
    _ weights: UnsafePointer<Float>,
    _ body: (UnsafePointer<ck_cell>, UnsafePointer<ck_cell_run>) -> Void
  ) {
    var sizes = shape.kernelShape
    var run = ck_cell_run(
      weights: weights, inputs: memory.start(0), outputs: memory.start(1),
      cells: memory.start(2), gates: memory.start(3), tangents: memory.start(4),
      steps: Int32(steps), batch: Int32(batch))
    body(&sizes, &run)
  }
}
