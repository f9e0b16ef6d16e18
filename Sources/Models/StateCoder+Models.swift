import Networks
import Series

extension StateCoder {
  /// A moment or a span in nanoseconds.
  mutating func code(nanoseconds: inout Int64) throws(StateDecodingError) {
    var bits = UInt64(bitPattern: nanoseconds)
    try code(&bits)
    nanoseconds = Int64(bitPattern: bits)
  }

  /// As many floats as there are.
  mutating func code(_ floats: inout [Float]) throws(StateDecodingError) {
    try floats.withUnsafeMutableBufferPointer { floats throws(StateDecodingError) in
      guard let start = floats.baseAddress else { return }
      try code(floats: start, count: floats.count)
    }
  }

  /// What the cells of a stack know before their next step.
  mutating func code(stateOf stack: CellStack) throws(StateDecodingError) {
    for layer in stack.layers {
      for state in [layer.initialOutputs, layer.initialCells] {
        guard let start = state.baseAddress else { continue }
        try code(floats: start, count: state.count)
      }
    }
  }
}
