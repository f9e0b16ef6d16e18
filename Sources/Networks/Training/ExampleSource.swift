/// Where the examples of a learner come from, cut into batches.
public protocol ExampleSource: AnyObject, SendableMetatype {
  /// The network that is trained.
  associatedtype Pass: NetworkPass
  /// Number of sequences or examples in a batch, >= 1.
  var batch: Int { get }

  /// A pass for `batch` sequences or examples.
  func makePass(batch: Int) -> Pass

  /// Number of batches of an epoch.
  func batches(of part: ExamplePart) -> Int

  /// Starts an epoch: the order of the examples may be shuffled again.
  func begin(_ part: ExamplePart, random: inout XorShift)

  /// Fills in one share of a batch. Called from several threads at once, each with different rows.
  /// - Parameters:
  ///   - index: the batch, in order.
  ///   - rows: which of the batch's sequences; always the same for one pass, so that a state carried
  ///     from batch to batch stays that of the sequence.
  func load(_ index: Int, rows: Range<Int>, of part: ExamplePart, into pass: Pass)
}

/// A part of the examples.
public enum ExamplePart: Sendable {
  /// Determines the weights.
  case training
  /// Determines when training ends; later than the training part.
  case validation
}
