import Models
import Series
import Testing

/// How rows are assembled from samples of several metrics.
@Suite struct RowAssemblerTests {
  /// Rows of a ten-second model, as `time: values`, from samples `(seconds, column, value)`.
  private func rows(
    of samples: [(Double, Int, Double)], columns: Int = 2, interval: Double = 10,
    usual: [Double] = []
  ) -> (rows: [String], assembler: RowAssembler) {
    var assembler = RowAssembler(columns: columns, interval: Int64(interval * 1e9))
    var rows: [String] = []
    func take() {
      let moment = assembler.take()
      let values = assembler.row.map { $0.isNaN ? "-" : "\(Int($0))" }
      rows.append("\(Int(moment.seconds)): \(values.joined(separator: " "))")
    }
    for (seconds, column, value) in samples {
      let sample = Sample(timestamp: Timestamp(seconds: 1_000_000 + seconds), value: value)
      if assembler.mustClose(before: sample.timestamp, of: column) { take() }
      let own = usual.isEmpty ? interval : usual[column]
      if assembler.put(sample, in: column, usual: own > 0 ? .seconds(own) : nil) { take() }
    }
    return (rows.map { String($0.dropFirst($0.hasPrefix("100") ? 4 : 0)) }, assembler)
  }

  @Test func `a row is complete with the sample of the last metric`() {
    let found = rows(of: [(0, 0, 1), (0, 1, 2), (10, 1, 4), (10, 0, 3), (20, 0, 5)])
    #expect(found.rows == ["000: 1 2", "010: 3 4"])
    #expect(found.assembler.late == 0)
  }

  @Test func `rows follow the rhythm of metrics whose samples are not quite on time`() {
    var samples: [(Double, Int, Double)] = []
    for index in 0..<900 {
      // A clock that is fast by a thousandth, and jitter.
      let moment = Double(index) * 10.01 + (index % 3 == 0 ? 1.5 : 0)
      samples += [(moment, 0, Double(index)), (moment + 2, 1, Double(index))]
    }
    let found = rows(of: samples, columns: 2)
    #expect(found.rows.count == 900)
    #expect(found.rows.allSatisfy { !$0.contains("-") })
  }

  @Test func `a missing sample is a gap, and delays rows only three times`() {
    var samples: [(Double, Int, Double)] = [(0, 0, 0), (0, 1, 0)]
    for index in 1...6 { samples.append((Double(index * 10), 0, Double(index))) }
    let found = rows(of: samples)
    // Three rows are closed by the sample after them, the others by their own.
    #expect(
      found.rows == [
        "000: 0 0", "010: 1 -", "020: 2 -", "030: 3 -", "040: 4 -", "050: 5 -", "060: 6 -",
      ])
    #expect(found.assembler.isMissing(1) && !found.assembler.isMissing(0))
    // It is back.
    samples += [(70, 0, 7), (70, 1, 70), (80, 0, 8), (80, 1, 80), (90, 0, 9), (90, 1, 90)]
    let back = rows(of: samples)
    #expect(!back.assembler.isMissing(1))
    #expect(back.rows.last == "090: 9 90")
  }

  @Test func `for a metric that is sampled more often, the sample nearest to the row counts`() {
    var samples: [(Double, Int, Double)] = []
    for second in 0...41 {
      samples.append((Double(second), 0, Double(second)))
      if second % 10 == 0 { samples.append((Double(second), 1, Double(100 + second))) }
    }
    let found = rows(of: samples, usual: [1, 10])
    #expect(
      found.rows == ["000: 0 100", "010: 10 110", "020: 20 120", "030: 30 130", "040: 40 140"])
  }

  @Test func `a metric that is sampled less often does not delay rows and is not missing`() {
    var samples: [(Double, Int, Double)] = []
    for second in stride(from: 0, through: 120, by: 10) {
      samples.append((Double(second), 0, Double(second)))
      if second % 30 == 0 { samples.append((Double(second), 1, Double(1000 + second))) }
    }
    let found = rows(of: samples, usual: [10, 30])
    #expect(found.rows.count == 13)
    #expect(found.rows.filter { !$0.contains("-") }.count >= 3, "\(found.rows)")
    #expect(!found.assembler.isMissing(1))
  }

  @Test func `after a hole the rhythm starts over; a late sample is dropped and counted`() {
    let found = rows(
      of: [
        (0, 0, 1), (0, 1, 2), (5004, 0, 3), (5004, 1, 4), (4000, 1, 9), (5014, 0, 5), (5014, 1, 6),
      ])
    #expect(found.rows.count == 3)
    #expect(found.rows.last?.hasSuffix("5 6") == true)
    #expect(found.assembler.late == 1)
  }

  @Test func `a value that is missing in its sample is a gap`() {
    let found = rows(of: [(0, 0, 1), (0, 1, .nan)])
    #expect(found.rows == ["000: 1 -"])
  }

  @Test func `moments at the ends of time do not trap`() {
    for interval in [0.0, 10] {
      var assembler = RowAssembler(columns: 2, interval: Int64(interval * 1e9))
      for moment in [Int64.min, 0, .max, .min + 1, .max - 1] {
        for column in 0..<2 {
          let sample = Sample(timestamp: Timestamp(nanoseconds: moment), value: 1)
          if assembler.mustClose(before: sample.timestamp, of: column) { _ = assembler.take() }
          if assembler.put(sample, in: column, usual: nil) { _ = assembler.take() }
        }
      }
    }
  }
}
