import Series

/// Turns the errors of rows into scores, in order.
///
/// Two distances are computed: that of a row's errors, for sudden changes, and that of their moving
/// mean, for small changes that last. Each has an error model and an alarm rule of its own. A
/// classifier's probabilities have only the former.
package struct RowJudge: Sendable {
  /// Whether a row alarms, and why.
  package struct Verdict: Sendable {
    /// How unusual the row is; 1 and more alarms.
    package var score = 0.0
    /// The distance from usual, in standard deviations.
    package var distance = Double.nan
    /// Whether the row could be judged.
    package var isKnown = false
    /// The contribution of each error to the squared distance, adding up to 1.
    package var shares: [Double] = []
    /// Whether the row alarms.
    package var isAlarm: Bool { score >= 1 }
  }

  /// Rows of the moving mean.
  private static let span = 16.0

  private var models: [ErrorModel]
  private var rules: [AlarmRule]
  private var mean: [Float]

  /// A judge that has seen nothing.
  /// - Parameter watchesMean: whether the moving mean is used, too.
  package init(
    form: ErrorModel.Form, rule: AlarmRule.Form, width: Int, watchesMean: Bool = true
  ) {
    let count = watchesMean ? 2 : 1
    models = Array(repeating: ErrorModel(form: form, width: width), count: count)
    rules = Array(repeating: AlarmRule(rule), count: count)
    mean = Array(repeating: 0, count: width)
  }

  /// Number of errors of a row.
  package var width: Int { mean.count }
  /// How errors are combined.
  package var errorForm: ErrorModel.Form { models[0].form }
  /// How alarms are decided from them.
  package var ruleForm: AlarmRule.Form { rules[0].form }

  /// The threshold of a row's distance; nil if calibration continues.
  package var fixedThreshold: Double? { rules[0].fixedThreshold }

  /// Learns what is usual from rows of errors in order.
  /// - Parameter labels: see ``AlarmRule/fit(_:labels:)``.
  package mutating func fit(_ errors: [Float], labels: [Float] = []) {
    let width = models[0].width
    guard width > 0 else { return }
    var means: [Float] = []
    means.reserveCapacity(errors.count)
    for start in stride(from: 0, to: errors.count, by: width) {
      errors[start..<(start + width)].withUnsafeBufferPointer { row in
        if let start = row.baseAddress { smooth(start) }
      }
      means += mean
    }
    for (index, rows) in zip(models.indices, [errors, means]) { models[index].fit(rows) }
    var shares = [Double](repeating: 0, count: width)
    for (index, rows) in zip(models.indices, [errors, means]) {
      var distances: [Double] = []
      for start in stride(from: 0, to: errors.count, by: width) {
        let isKnown = errors[start..<(start + width)].contains { $0.isFinite }
        distances.append(
          isKnown
            ? rows.withUnsafeBufferPointer { rows in
              rows.baseAddress.map { models[index].distance($0 + start, shares: &shares) } ?? .nan
            } : .nan)
      }
      rules[index].fit(distances, labels: labels)
    }
    forget()
  }

  /// The next row does not continue the previous one.
  package mutating func forget() {
    for place in mean.indices { mean[place] = 0 }
  }

  private mutating func smooth(_ errors: UnsafePointer<Float>) {
    let share = Float(2 / (RowJudge.span + 1))
    for place in mean.indices where errors[place].isFinite {
      mean[place] += share * (errors[place] - mean[place])
    }
  }

  /// Judges the errors of the next row.
  /// - Parameter errors: as many as the width; NaN if unknown.
  package mutating func judge(_ errors: UnsafePointer<Float>) -> Verdict {
    let width = mean.count
    guard (0..<width).contains(where: { errors[$0].isFinite }) else { return Verdict() }
    smooth(errors)
    var shares = [Double](repeating: 0, count: width)
    var verdict = Verdict(isKnown: true)
    for index in models.indices {
      let distance =
        index == 0
        ? models[0].distance(errors, shares: &shares)
        : mean.withUnsafeBufferPointer { mean in
          mean.baseAddress.map { models[1].distance($0, shares: &shares) } ?? .nan
        }
      let score = rules[index].score(distance)
      guard index == 0 || score > verdict.score else { continue }
      verdict.score = score
      verdict.distance = distance
      let total = shares.reduce(0, +)
      verdict.shares = total > 0 ? shares.map { $0 / total } : shares
    }
    return verdict
  }

  // MARK: For a caller that calibrates the distances itself

  /// Whether the moving mean is used.
  var watchesMean: Bool { models.count > 1 }

  /// Updates the moving mean with the errors of the next row.
  /// - Returns: whether the row could be judged.
  mutating func observe(_ errors: UnsafePointer<Float>) -> Bool {
    guard mean.indices.contains(where: { errors[$0].isFinite }) else { return false }
    smooth(errors)
    return true
  }

  /// The distance of the errors of the last observed row, or of their moving mean.
  /// - Parameter shares: the contribution of each error to its square.
  func distance(
    _ errors: UnsafePointer<Float>, ofMean: Bool, shares: inout [Double]
  ) -> Double {
    guard ofMean else { return models[0].distance(errors, shares: &shares) }
    return mean.withUnsafeBufferPointer { mean in
      mean.baseAddress.map { models[1].distance($0, shares: &shares) } ?? .nan
    }
  }

  /// Reads or writes the memory of earlier rows.
  mutating func codeState(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(&mean)
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    for index in models.indices {
      try models[index].code(&coder)
      try rules[index].code(&coder)
    }
  }
}
