import Networks

/// The windows of the training part in random order and of the validation part in order, in batches.
///
/// An epoch has at most ``mostBatches`` of each: for a long recording, a random choice of training windows
/// that differs from epoch to epoch, and evenly spaced validation windows. Windows overlap, so little is
/// lost.
struct WindowOrder {
  /// The most batches of an epoch.
  static let mostBatches = 1000

  /// Number of windows in a batch.
  let batch: Int
  private let training: RowTape
  private let validation: RowTape
  private var order: [Int]
  private let judged: [Int]

  /// The windows of `length` rows.
  init(training: RowTape, validation: RowTape, length: Int, batch: Int) {
    self.batch = batch
    self.training = training
    self.validation = validation
    order = training.windows(of: length)
    let all = validation.windows(of: length)
    let most = WindowOrder.mostBatches * batch
    judged = stride(from: 0, to: all.count, by: max(1, (all.count + most - 1) / most)).map {
      all[$0]
    }
  }

  /// The rows of a part.
  func tape(of part: ExamplePart) -> RowTape { part == .training ? training : validation }

  /// Number of batches of an epoch.
  func batches(of part: ExamplePart) -> Int {
    let all = ((part == .training ? order : judged).count + batch - 1) / batch
    return min(all, WindowOrder.mostBatches)
  }

  /// Begins an epoch.
  mutating func begin(_ part: ExamplePart, random: inout XorShift) {
    if part == .training { order.shuffle(with: &random) }
  }

  /// The first row of a window; nil beyond the last one.
  func start(_ example: Int, of index: Int, _ part: ExamplePart) -> Int? {
    let number = index * batch + example
    // Each array is read in place: a copy would allocate in a training step.
    if part == .training { return number < order.count ? order[number] : nil }
    return number < judged.count ? judged[number] : nil
  }
}

/// A source of windows, except for creating examples from them.
protocol WindowedSource: KindSource {
  /// The windows of both parts.
  var windows: WindowOrder { get set }
}

extension WindowedSource {
  package var batch: Int { windows.batch }

  package func batches(of part: ExamplePart) -> Int { windows.batches(of: part) }

  package func begin(_ part: ExamplePart, random: inout XorShift) {
    windows.begin(part, random: &random)
  }
}

extension Array {
  /// Shuffles by Durstenfeld's algorithm.
  mutating func shuffle(with random: inout XorShift) {
    for index in indices.dropFirst().reversed() {
      swapAt(index, Int(random.uniform() * Double(index + 1)))
    }
  }
}
