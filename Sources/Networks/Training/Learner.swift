/// The losses of one or more batches.
public struct BatchLoss: Equatable, Sendable {
  /// Sum of weighted losses.
  public var sum = 0.0
  /// Sum of the weights.
  public var weight = 0.0

  /// Those of no batch.
  public init() {}

  /// The mean; NaN if the weights are all 0.
  public var mean: Double { weight > 0 ? sum / weight : .nan }

  /// Adds the losses of another batch.
  public static func += (total: inout BatchLoss, other: BatchLoss) {
    total.sum += other.sum
    total.weight += other.weight
  }
}

/// Trains a network by mini-batches: gradients of a batch's shares on all processors, summed, clipped
/// and followed by Adam. A step allocates nothing.
///
/// Shares depend only on the batch size and are summed in order, so that the result does not depend
/// on the number of processors.
public final class Learner<Source: ExampleSource> {
  /// Number of sequences of a batch that one thread computes at a time.
  private static var share: Int { 8 }

  /// Number of floats in the parameter block.
  public let parameterCount: Int
  /// Where the examples come from.
  public let source: Source
  private let core: Core
  private let team: WorkerTeam
  private var clock = AdamClock()
  private let maximumNorm: Float
  private let kernels: Kernels

  /// A learner that has learnt nothing.
  /// - Parameters:
  ///   - threads: number of threads, >= 1.
  ///   - maximumNorm: longer gradients are scaled down to it.
  public init(
    _ source: Source, seed: UInt64, threads: Int, maximumNorm: Float = 1,
    kernels: Kernels = .current
  ) {
    let rows = stride(from: 0, to: source.batch, by: Learner.share).map {
      $0..<min($0 + Learner.share, source.batch)
    }
    let core = Core(source, rows: rows, seed: seed)
    self.source = source
    self.core = core
    self.maximumNorm = maximumNorm
    self.kernels = kernels
    parameterCount = core.count
    team = WorkerTeam(jobs: rows.count, threads: threads) { core.compute(share: $0) }
    var random = XorShift(seed: seed)
    core.shares[0].pass.initialize(core.weights, random: &random)
  }

  /// The parameters.
  public var weights: UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: core.weights, count: parameterCount)
  }

  /// One update of the weights along the gradient of a batch.
  /// - Returns: the losses before the update; nil if the gradient was not followed (see
  ///   ``TruncatedBPTT/largestFollowedNorm``), the weights being unchanged then.
  public func update(batch: Int, learningRate: Float, dropout: Float) -> BatchLoss? {
    let loss = run(.update(dropout: dropout), batch: batch, of: .training)
    guard loss.weight > 0 else { return loss }
    let gradient = core.shares[0].gradient
    // By index: iterating over objects of a generic type would allocate.
    for index in 1..<core.shares.count {
      let other = core.shares[index].gradient
      for place in 0..<parameterCount { gradient[place] += other[place] }
    }
    let scale = Float(1 / loss.weight)
    for place in 0..<parameterCount { gradient[place] *= scale }
    let moments = AdamMoments(
      mean: core.weights + parameterCount, variance: core.weights + 2 * parameterCount)
    let isFollowed = clock.follow(
      gradient, count: parameterCount, weights: core.weights, moments: moments,
      learningRate: learningRate, maximumNorm: maximumNorm, kernels: kernels)
    return isFollowed ? loss : nil
  }

  /// The losses of a batch.
  public func evaluate(batch: Int, of part: ExamplePart) -> BatchLoss {
    run(.evaluate, batch: batch, of: part)
  }

  private func run(_ task: Core.Task, batch: Int, of part: ExamplePart) -> BatchLoss {
    core.task = task
    core.batch = batch
    core.part = part
    team.run()
    var total = BatchLoss()
    for index in core.shares.indices {
      total.sum += Double(core.shares[index].loss)
      total.weight += Double(core.shares[index].weight)
    }
    return total
  }

  /// The state shared by the threads. Between two runs it belongs to the caller; during a run each
  /// thread owns the shares whose jobs it does: the team's lock orders both.
  private final class Core: @unchecked Sendable {
    enum Task {
      case update(dropout: Float)
      case evaluate
    }

    /// One share of the batch.
    final class Share {
      let pass: Source.Pass
      let rows: Range<Int>
      let gradient: UnsafeMutablePointer<Float>
      var random: XorShift
      var loss: Float = 0
      var weight: Float = 0

      init(
        _ pass: Source.Pass, rows: Range<Int>, gradient: UnsafeMutablePointer<Float>,
        random: XorShift
      ) {
        self.pass = pass
        self.rows = rows
        self.gradient = gradient
        self.random = random
      }
    }

    let count: Int
    let shares: [Share]
    let weights: UnsafeMutablePointer<Float>
    var task = Task.evaluate
    var batch = 0
    var part = ExamplePart.training
    private let source: Source
    private let memory: FloatBlocks

    init(_ source: Source, rows: [Range<Int>], seed: UInt64) {
      self.source = source
      let passes = rows.map { source.makePass(batch: $0.count) }
      let count = passes[0].parameterCount
      let memory = FloatBlocks((3 + rows.count) * count)
      let start = memory.start(0)
      self.count = count
      self.memory = memory
      weights = start
      shares = zip(passes, rows).enumerated().map { index, share in
        Share(
          share.0, rows: share.1, gradient: start + (3 + index) * count,
          random: XorShift(seed: seed &+ UInt64(index) &+ 1))
      }
    }

    func compute(share index: Int) {
      let share = shares[index]
      source.load(batch, rows: share.rows, of: part, into: share.pass)
      switch task {
      case .evaluate:
        share.pass.forward(weights: weights, dropout: 0, random: &share.random)
        share.loss = share.pass.head.apply(scale: 1)
      case .update(let dropout):
        share.pass.forward(weights: weights, dropout: dropout, random: &share.random)
        share.loss = share.pass.head.apply(scale: 1)
        share.gradient.update(repeating: 0, count: count)
        share.pass.backward(weights: weights, gradient: share.gradient)
      }
      share.weight = share.pass.head.totalWeight
    }
  }
}
