package import Networks

/// Trains a network until the validation loss stops improving, and keeps the best weights.
package struct ModelTrainer {
  /// The progress of a training after an epoch.
  package struct Progress: Sendable {
    /// The network being trained, from 1.
    package var member = 1
    /// Number of networks.
    package var members = 1
    /// Epochs done, from 1.
    package var epoch: Int
    /// The most epochs.
    package var epochs: Int
    /// Mean loss of the training part in this epoch.
    package var trainingLoss: Double
    /// Mean loss of the validation part after it; NaN if there is none.
    package var validationLoss: Double
    /// The epoch with the best weights so far.
    package var bestEpoch: Int
    /// Epochs since then after which training ends.
    package var patience: Int
  }

  /// The result of a training.
  package struct Outcome: Sendable {
    /// The best weights.
    package var weights: [Float]
    /// Losses by epoch.
    package var trainingLosses: [Double]
    package var validationLosses: [Double]
    /// The epoch of the best weights, from 1; 0 if none was finished.
    package var bestEpoch: Int
  }

  private let plan: ModelPlan
  private let threads: Int

  /// A trainer.
  /// - Parameter threads: number of threads.
  package init(plan: ModelPlan, threads: Int) {
    self.plan = plan
    self.threads = threads
  }

  /// Trains.
  /// - Parameter proceed: called after each epoch; false ends the training.
  package func train<Source: ExampleSource>(
    _ source: Source, proceed: (Progress) -> Bool
  ) -> Outcome {
    let learner = Learner(source, seed: plan.seed, threads: threads)
    var random = XorShift(seed: plan.seed &+ 0x5EED)
    var outcome = Outcome(
      weights: Array(learner.weights), trainingLosses: [], validationLosses: [], bestEpoch: 0)
    var best = Double.infinity
    var rate = plan.learningRate
    var sinceReduced = 0
    let batches = source.batches(of: .training)
    guard batches > 0 else { return outcome }
    let passes = max(1, (plan.updates + batches - 1) / batches)
    var average = WeightAverage(learner.weights)
    for epoch in 1...plan.epochs {
      var total = BatchLoss()
      for pass in 0..<passes {
        source.begin(.training, random: &random)
        for batch in 0..<batches {
          // Warm-up of the learning rate: Adam's second moments are not known yet.
          let done = (pass * batches + batch + 1) + (epoch - 1) * passes * batches
          let warmUp = min(1, Double(done) / 50)
          if let loss = learner.update(
            batch: batch, learningRate: Float(rate * warmUp), dropout: Float(plan.dropout))
          {
            total += loss
            average.add(learner.weights)
          }
        }
      }
      let trained = total.mean
      average.exchange(learner.weights)
      let judged = mean(learner, .validation)
      outcome.trainingLosses.append(trained)
      outcome.validationLosses.append(judged)
      let decisive = judged.isFinite ? judged : trained
      if decisive < best {
        best = decisive
        outcome.bestEpoch = epoch
        outcome.weights = Array(learner.weights)
        sinceReduced = 0
      } else {
        sinceReduced += 1
        // Reduce the step size first: a plateau is often caused by steps that are too large.
        if sinceReduced > plan.patience / 3 {
          rate /= 2
          sinceReduced = 0
        }
      }
      average.exchange(learner.weights)
      let progress = Progress(
        epoch: epoch, epochs: plan.epochs, trainingLoss: trained, validationLoss: judged,
        bestEpoch: outcome.bestEpoch, patience: plan.patience)
      if !proceed(progress) || epoch - outcome.bestEpoch >= plan.patience { break }
    }
    return outcome
  }

  private func mean<Source: ExampleSource>(
    _ learner: Learner<Source>, _ part: ExamplePart
  ) -> Double {
    var total = BatchLoss()
    for batch in 0..<learner.source.batches(of: part) {
      total += learner.evaluate(batch: batch, of: part)
    }
    return total.mean
  }
}

/// A moving average of the weights over updates, which generalises better than the newest ones, the
/// more so the less data there is (Polyak & Juditsky 1992; Tarvainen & Valpola 2017).
private struct WeightAverage {
  /// Memory of the average, in updates.
  private static let memory: Float = 50

  private var mean: [Float]
  private var updates: Float = 0

  init(_ weights: UnsafeMutableBufferPointer<Float>) {
    mean = Array(weights)
  }

  /// Adds the weights after an update.
  mutating func add(_ weights: UnsafeMutableBufferPointer<Float>) {
    updates += 1
    let share = 1 / min(updates, WeightAverage.memory)
    for place in mean.indices { mean[place] += share * (weights[place] - mean[place]) }
  }

  /// Swaps mean and weights.
  mutating func exchange(_ weights: UnsafeMutableBufferPointer<Float>) {
    for place in mean.indices { swap(&mean[place], &weights[place]) }
  }
}
