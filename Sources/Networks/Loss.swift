import CKernels

/// A loss of predictions against targets, each target on its own.
public enum Loss: Equatable, Sendable {
  /// Negative log likelihood of a Student t distribution (Lange et al. 1989), without its constant:
  /// `l + (nu + 1) / 2 log(1 + e^2 / nu)`, e = (target - location) / exp(l). The log-scale l acts
  /// clipped to -5...3. The layer is ``DenseShape/studentT(inputs:targets:)``.
  case studentT(degreesOfFreedom: Float)
  /// `(y - target)^2`.
  case squaredError
  /// `|y - target|`; its slope at 0 is 0.
  case absoluteError
  /// Cross entropy of a target in 0...1 under the probability `1 / (1 + e^-y)`.
  case logistic
}

extension DenseBatch {
  /// Number of targets of a row under `loss`, padding included.
  public func targetLanes(of loss: Loss) -> Int {
    if case .studentT = loss { shape.lanes / 2 } else { shape.lanes }
  }

  /// Computes the loss of ``outputs`` and its gradient, into ``outputGradient``.
  /// - Parameters:
  ///   - targets: `[rows][targetLanes]`, finite even where unknown.
  ///   - weights: `[rows][targetLanes]` of the targets, >= 0; 0 where unknown and in the padding.
  ///   - scale: factor of value and gradient, such as 1 / number of targets.
  /// - Returns: the sum over all targets of weight * scale * loss.
  public func apply(
    _ loss: Loss, targets: UnsafeMutableBufferPointer<Float>,
    weights: UnsafeMutableBufferPointer<Float>, scale: Float
  ) -> Float {
    let columns = targetLanes(of: loss)
    precondition(columns % 8 == 0, "a Student-t likelihood needs a layer made for it")
    precondition(
      targets.count == rows * columns && weights.count == rows * columns,
      "targets or weights of another size")
    var request = ck_loss(
      predictions: outputs.baseAddress, targets: targets.baseAddress,
      weights: weights.baseAddress, gradient: outputGradient.baseAddress, rows: Int32(rows),
      columns: Int32(columns), stride: Int32(shape.lanes), scale: scale)
    let table = kernels.table.pointee
    return switch loss {
    case .studentT(let degreesOfFreedom): table.student_t(&request, degreesOfFreedom)
    case .squaredError: table.squared_error(&request)
    case .absoluteError: table.absolute_error(&request)
    case .logistic: table.logistic_loss(&request)
    }
  }

  /// Computes the cross entropy of classes under the softmax of ``outputs``, and its gradient, into
  /// ``outputGradient``.
  /// - Parameters:
  ///   - classes: the class of each row, 0 ..< `shape.outputs`; negative where unknown.
  ///   - classWeights: the weight of each class, `shape.outputs` of them, >= 0.
  ///   - scale: factor of value and gradient, such as 1 / number of rows.
  /// - Returns: the sum over rows of weight * scale * -log(probability of the class).
  public func applyCrossEntropy(
    classes: UnsafeMutableBufferPointer<Int32>, classWeights: UnsafeMutableBufferPointer<Float>,
    scale: Float
  ) -> Float {
    precondition(
      classes.count == rows && classWeights.count == shape.outputs,
      "classes or weights of another size")
    precondition(classes.allSatisfy { $0 < shape.outputs }, "a class beyond the outputs")
    var request = ck_classification(
      logits: outputs.baseAddress, classes: classes.baseAddress,
      weights: classWeights.baseAddress, gradient: outputGradient.baseAddress, rows: Int32(rows),
      count: Int32(shape.outputs), lanes: Int32(shape.lanes), scale: scale)
    return kernels.table.pointee.softmax_loss(&request)
  }
}
