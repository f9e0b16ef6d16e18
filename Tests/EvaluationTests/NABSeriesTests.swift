import Evaluation
import Series
import Testing

/// A series of one row a minute, and a moment on it.
func minute(_ row: Int) -> Timestamp { Timestamp(nanoseconds: Int64(row) * 60_000_000_000) }

/// A series of `rows` rows with windows at these rows.
func series(
  _ rows: Int,
  windows: [ClosedRange<Int>] = [],
  name: String = "a.csv"
) throws -> NABSeries {
  try NABSeries(
    name: name,
    timestamps: (0..<rows).map(minute),
    windows: windows.map { NABWindow(first: minute($0.lowerBound), last: minute($0.upperBound)) }
  )
}

@Suite struct NABSeriesTests {
  @Test(arguments: [(0, 0), (6, 0), (7, 1), (100, 15), (4_032, 604), (5_000, 750), (22_695, 750)])
  func `puts 15 percent of the rows on probation, at most 750`(rows: Int, probation: Int) throws {
    #expect(try series(rows).probation == probation)
  }

  @Test func `finds the rows of its windows and sorts them`() throws {
    let labelled = try series(100, windows: [60...69, 30...39, 39...45])
    #expect(labelled.windows == [30...39, 39...45, 60...69])
  }

  @Test func `counts a window as scorable when one row of it is past the probation`() throws {
    #expect(try series(100, windows: [2...14]).scorableWindows == 0)
    #expect(try series(100, windows: [2...15]).scorableWindows == 1)
  }

  @Test func `rejects a label whose edge is not a row, and reports it`() {
    let edge = Timestamp(nanoseconds: 1)
    #expect(throws: NABLabelError.edgeNotARow(series: "a.csv", edge: edge, rows: 0)) {
      try NABSeries(
        name: "a.csv",
        timestamps: [minute(0), minute(1)],
        windows: [NABWindow(first: edge, last: minute(1))]
      )
    }
  }

  @Test func `rejects a label whose edge is the time of two rows`() {
    #expect(throws: NABLabelError.edgeNotARow(series: "a.csv", edge: minute(1), rows: 2)) {
      try NABSeries(
        name: "a.csv",
        timestamps: [minute(0), minute(1), minute(1)],
        windows: [NABWindow(first: minute(1), last: minute(1))]
      )
    }
  }

  @Test func `rejects labels that overlap or go backwards`() {
    let second = NABWindow(first: minute(38), last: minute(45))
    #expect(throws: NABLabelError.disorder(series: "a.csv", window: second)) {
      try series(100, windows: [30...39, 38...45])
    }
    let backwards = NABWindow(first: minute(5), last: minute(4))
    #expect(throws: NABLabelError.disorder(series: "a.csv", window: backwards)) {
      try NABSeries(name: "a.csv", timestamps: (0..<9).map(minute), windows: [backwards])
    }
  }
}
