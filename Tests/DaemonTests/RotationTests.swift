import Control
import Daemon
import Glibc
import Series
import Support
import Testing

@Suite struct RotationTests {
  @Test(arguments: [false, true])
  func `a killed daemon learns every row once, however the file was rotated meanwhile`(
    byCopying: Bool
  ) throws {
    let samples = wave(1_500)
    let whole = Stage()
    whole.append(samples)
    try whole.run(until: 1_500)
    let expected = whole.events
    #expect(expected.count >= 4, "the series was to hold some events")

    let cut = Stage()
    cut.append(samples[..<900])
    try cut.run(until: 900)
    cut.append(samples[900..<1_000])
    // A checkpoint at 1,000, then rows of two files that are not in the state.
    try cut.run(until: 100, ending: .kill) { agent in
      agent.checkpoints.saveNow()
      cut.append(samples[1_000..<1_150])
      cut.rotate(byCopying: byCopying)
      cut.append(samples[1_150..<1_200])
      return 300
    }
    for begin in [1_200, 1_300] {
      cut.append(samples[begin..<begin + 50])
      cut.rotate(byCopying: byCopying)
      cut.append(samples[begin + 50..<begin + 100])
    }
    cut.append(samples[1_400...])
    try cut.run(until: 500)
    #expect(cut.detail?.metric.samples == 1_500)
    #expect(cut.status?.inputs.map(\.malformed) == [0])
    var seen: Set<String> = []
    #expect(cut.events.filter { seen.insert($0).inserted } == expected)
  }
}

extension Stage {
  /// Rotates the table as logrotate(8) does.
  fileprivate func rotate(byCopying: Bool) {
    for number in (1..<9).reversed() { rename("\(csv).\(number)", "\(csv).\(number + 1)") }
    guard byCopying else {
      rename(csv, csv + ".1")
      return
    }
    write(contents(csv), atEndOf: csv + ".1")
    truncate(csv, 0)
  }
}
