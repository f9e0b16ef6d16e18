import CommandLine
import Series
import Testing

@Suite struct HumanNumberTests {
  @Test(arguments: [
    (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (12_345_678, "12.3 MB"), (999_999, "1.0 MB"),
    (123_456, "123 kB"), (.max, "9.2 EB"), (-2048, "-2.0 kB"),
  ])
  func `writes bytes`(bytes: Int, text: String) {
    #expect(HumanNumber.bytes(bytes) == text)
  }

  @Test(
    arguments: [
      (0, "0 s"), (3.4e-6, "3.4 µs"), (44e-9, "44 ns"), (0.0125, "12.5 ms"), (0.9999, "1 s"),
      (1.5, "1.5 s"), (9.96, "10 s"), (59.4, "59 s"), (59.6, "1min"), (90, "1min 30s"),
      (4800, "1h 20min"), (3600, "1h"), (273_600, "3d 4h"), (-90, "-1min 30s"), (.nan, "unknown"),
      (1e300, "unknown"),
    ] as [(Double, String)])
  func `writes durations`(seconds: Double, text: String) {
    #expect(HumanNumber.duration(seconds: seconds) == text)
  }

  @Test(
    arguments: [
      (0, "0"), (12.345, "12.35"), (97.1, "97.1"), (0.03124, "0.03124"), (0.001, "0.001"),
      (123_456, "123,456"), (123_456.7, "123,457"), (999_999.7, "1M"), (1_234_567, "1.235M"),
      (-45_600_000, "-45.6M"), (7.2e9, "7.2G"), (3e12, "3T"), (2.5e-7, "2.5e-07"), (1e15, "1e+15"),
      (6.02e23, "6.02e+23"), (1, "1"), (9.9999, "10"), (100, "100"), (1204.25, "1,204"),
      (-0.00001, "-1e-05"), (.nan, "-"), (.infinity, "-"), (1.7e308, "1.7e+308"),
      (.leastNormalMagnitude, "2.225e-308"),
    ] as [(Double, String)])
  func `writes values with four digits`(value: Double, text: String) {
    #expect(HumanNumber.value(value) == text)
  }

  @Test(
    arguments: [
      ([5.0001, 5, 5, 5], ["5.0001", "5", "5", "5"]),
      ([1_000_000_040, 1e9, 999_999_998.5], ["1,000,000,040", "1,000,000,000", "999,999,999"]),
      ([97.125, 12.5, 8, 17], ["97.13", "12.5", "8", "17"]),
      ([2.5e-7, 2.50001e-7], ["2.5e-07", "2.50001e-07"]),
      ([12.3456, 12.3456 + 1e-13, .nan], ["12.35", "12.35", "-"]),
      ([1, 1 + 1e-10], ["1", "1.0000000001"]), ([1e300, -1e300], ["1e+300", "-1e+300"]),
    ] as [([Double], [String])])
  func `writes enough digits to distinguish values`(values: [Double], texts: [String]) {
    #expect(HumanNumber.values(values) == texts)
  }

  @Test(arguments: [
    (0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-1234, "-1,234"),
    (.min, "-9,223,372,036,854,775,808"),
  ])
  func `groups digits`(number: Int, text: String) {
    #expect(HumanNumber.count(number) == text)
  }

  @Test(arguments: [(0.214, "21%"), (0.999, "99%"), (1, "100%"), (0, "0%"), (1e9, "999999%")])
  func `says 100% only when complete`(share: Double, text: String) {
    #expect(HumanNumber.percent(share) == text)
  }

  @Test(arguments: [(-0.04, 1, "0.0"), (2.25, 1, "2.3"), (2, 3, "2.000"), (0.995, 0, "1")])
  func `writes fixed decimals`(value: Double, decimals: Int, text: String) {
    #expect(HumanNumber.fixed(value, decimals: decimals) == text)
  }
}

@Suite struct ProgressTests {
  let progress = Progress(total: 58, unit: "files")

  @Test func `estimates the remaining time from the share of the work`() {
    #expect(
      progress.line(done: 12, share: 0.214, elapsed: .milliseconds(2450))
        == "12/58 files, 21%, about 9 s left")
    #expect(
      progress.line(done: 29, elapsed: .seconds(60)) == "29/58 files, 50%, about 1min left")
  }

  @Test func `makes no estimate without a basis`() {
    #expect(progress.line(done: 0, elapsed: .seconds(30)) == "0/58 files, 0%")
    #expect(progress.line(done: 12, elapsed: .milliseconds(900)) == "12/58 files, 21%")
  }

  @Test func `reports the duration at the end`() {
    #expect(progress.line(done: 58, elapsed: .seconds(75)) == "58/58 files, 100%, took 1min 15s")
    #expect(
      Progress(total: 0, unit: "files").line(done: 0, elapsed: .seconds(2))
        == "0/0 files, 100%, took 2 s")
  }

  @Test func `redraws at most ten times a second, and always at the end`() {
    var progress = progress
    let first = progress.redraw(done: 1, elapsed: .milliseconds(10))
    #expect(first == "\r1/58 files, 1%\u{1B}[K" || first == "\r1/58 files, 2%\u{1B}[K")
    #expect(progress.redraw(done: 2, elapsed: .milliseconds(90)) == nil)
    #expect(progress.redraw(done: 3, elapsed: .milliseconds(120)) != nil)
    #expect(progress.redraw(done: 58, elapsed: .milliseconds(130))?.hasSuffix("\n") == true)
  }

  @Test func `stays within the line`() {
    var progress = progress
    let line = progress.redraw(done: 29, elapsed: .seconds(60), width: 20)
    #expect(line == "\r29/58 files, 50%, …\u{1B}[K")
  }
}
