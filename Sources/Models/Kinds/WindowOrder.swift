import Networks

/// Windows of the training part in random order and of the validation part in theirs, cut into batches.
struct WindowOrder {
  private var order: [Int]
  private let judged: [Int]
  private let batch: Int

  /// All windows of `length` rows.
  init(training: RowTape, validation: RowTape, length: Int, batch: Int) {
    order = training.windows(of: length)
    judged = validation.windows(of: length)
    self.batch = batch
  }

  /// Number of batches of an epoch.
  func batches(of part: ExamplePart) -> Int {
    ((part == .training ? order : judged).count + batch - 1) / batch
  }

  /// An epoch begins.
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

extension Array {
  /// Shuffles by Durstenfeld's algorithm.
  mutating func shuffle(with random: inout XorShift) {
    for index in indices.dropFirst().reversed() {
      swapAt(index, Int(random.uniform() * Double(index + 1)))
    }
  }
}
