public import Series

extension NABWindow {
  /// A label in the benchmark's format: two times such as `2014-04-10 07:15:00.000000`, interpreted
  /// as UTC; nil for anything else.
  public init?(label: [String]) {
    guard label.count == 2, let first = NABWindow.moment(label[0]),
      let last = NABWindow.moment(label[1])
    else { return nil }
    self.init(first: first, last: last)
  }

  private static func moment(_ text: String) -> Timestamp? {
    let fields = text.split(maxSplits: 6, omittingEmptySubsequences: false) {
      "- :.".contains($0)
    }
    let numbers = fields.prefix(6).compactMap { Int($0) }
    guard numbers.count == 6, fields.count == 6 || fields[6].allSatisfy({ $0 == "0" }) else {
      return nil
    }
    return Timestamp(
      CivilTime(
        year: numbers[0], month: numbers[1], day: numbers[2], hour: numbers[3],
        minute: numbers[4], second: numbers[5]))
  }
}

extension NABOutcome.Run {
  /// The alarms in the benchmark's own results format, `timestamp,value,anomaly_score,label`: time
  /// and value of each row, 1.0 where an event opens, otherwise 0.0, and a label of 0 throughout,
  /// which its scorer does not read.
  public func resultFile(of samples: [Sample]) -> String {
    var text = "timestamp,value,anomaly_score,label\n"
    text.reserveCapacity(samples.count * 40)
    let alarms = Set(alarms)
    for (index, sample) in samples.enumerated() {
      let moment = sample.timestamp.iso8601  // as the benchmark writes it: no T, no zone
      text += moment.prefix(10) + " " + moment.dropFirst(11).prefix(8)
      text += ",\(sample.value),\(alarms.contains(index) ? "1.0" : "0.0"),0\n"
    }
    return text
  }
}
