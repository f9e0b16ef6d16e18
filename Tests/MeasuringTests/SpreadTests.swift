import Measuring
import Testing

@Suite struct SpreadTests {
  @Test(arguments: [
    ([3.0], 3.0), ([2.0, 1.0], 1.5), ([9.0, 1.0, 5.0], 5.0), ([4.0, 1.0, 3.0, 100.0], 3.5),
  ]) func `the median is the middle, or the mean of the two in the middle`(
    values: [Double], expected: Double
  ) {
    #expect(Spread(values).median == expected)
    #expect(Spread(values).least == values.min())
    #expect(Spread(values).greatest == values.max())
  }

  @Test(arguments: [
    (0.0, "0.000"), (0.0714, "0.071"), (0.9994, "0.999"), (0.9996, "1.00"), (2.514, "2.51"),
    (9.994, "9.99"), (9.996, "10.0"), (42.06, "42.1"), (99.96, "100"), (1234.5, "1235"),
    (-0.25, "-0.250"), (-3.14159, "-3.14"), (1.004, "1.00"),
  ]) func `numbers have three significant digits`(value: Double, text: String) {
    #expect(Spread.rounded(value) == text)
  }

  @Test func `a spread is printed with its extremes`() {
    #expect(Spread([2.514, 2.7, 2.48]).text == "2.51 (2.48-2.70)")
  }
}
