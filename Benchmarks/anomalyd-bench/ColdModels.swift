import Measuring
import Networks

/// Forward steps of many models outside the caches, relative to the memory bandwidth of one core.
enum ColdModels {
  static func measure(into report: inout Report, models: Int, rounds: Int, streamed: StreamedArray)
  {
    let shape = NetworkShape(inputs: 12, hidden: 8, horizons: 4)
    let stride = shape.parameterCount + shape.stateCount
    let block = FloatBlock(models * stride + shape.outputLanes)
    let features = FloatBlock(shape.inputs)
    let outputs = block.floats + models * stride
    var random = XorShift(seed: 3)
    let first = Weights(shape: shape, at: block.floats)
    first.initialize(random: &random)
    for model in 1..<models {
      (block.floats + model * stride).update(from: block.floats, count: stride)
    }
    let forward = ForwardStep(shape: shape)
    let bytes = Double(models * stride * MemoryLayout<Float>.stride)
    var times: [Double] = []
    var limits: [Double] = []
    for _ in 0..<rounds {
      let limit = streamed.read()  // which also evicts the models from the caches
      let watch = Stopwatch()
      for model in 0..<models {
        let weights = Weights(shape: shape, at: block.floats + model * stride)
        if model + 1 < models { Weights(shape: shape, at: weights.floats + stride).prefetch() }
        let state = weights.floats + shape.parameterCount
        forward.advance(state, weights: weights, features: features.floats)
        forward.outputs(outputs, state: state, weights: weights, features: features.floats)
      }
      let elapsed = watch.nanoseconds
      times.append(elapsed / Double(models))
      limits.append(limit)
    }
    block.keepAlive()
    features.keepAlive()
    let limit = Spread(limits).median
    let shares = times.map { 100 * bytes / (Double(models) * $0) / limit }
    report.begin(
      "memory", "one core reads; a forward step with head over \(models) models, H=8, cold")
    report.note("read bandwidth", limits, "GB/s", remark: "256 MiB sequentially, one core")
    report.note("cold step", times, "ns", remark: "\(stride * 4) bytes per model, all from DRAM")
    report.note("cold step of bandwidth", shares, "%")
  }
}
