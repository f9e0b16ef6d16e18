import Networks
import Series

extension StateCoder {
  /// A time or a duration in nanoseconds.
  mutating func code(nanoseconds: inout Int64) throws(StateDecodingError) {
    var bits = UInt64(bitPattern: nanoseconds)
    try code(&bits)
    nanoseconds = Int64(bitPattern: bits)
  }

  /// All floats of an array of fixed length.
  mutating func code(_ floats: inout [Float]) throws(StateDecodingError) {
    try floats.withUnsafeMutableBufferPointer { floats throws(StateDecodingError) in
      guard let start = floats.baseAddress else { return }
      try code(floats: start, count: floats.count)
    }
  }

  /// The state of a stack of cells before the next step.
  mutating func code(stateOf stack: CellStack) throws(StateDecodingError) {
    for layer in stack.layers {
      for state in [layer.initialOutputs, layer.initialCells] {
        guard let start = state.baseAddress else { continue }
        try code(floats: start, count: state.count)
      }
    }
  }
}
