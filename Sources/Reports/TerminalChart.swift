public import CommandLine
import Series

/// A chart in characters: each panel in braille dots, marks as a line below.
public struct TerminalChart: Sendable {
  private let chart: Chart
  private let width: Int
  private let rows: Int

  /// - Parameters:
  ///   - width: columns of the terminal.
  ///   - rows: lines of each panel.
  public init(_ chart: Chart, width: Int, rows: Int = 10) {
    self.chart = chart
    self.width = max(40, width)
    self.rows = max(2, rows)
  }

  /// The lines.
  public func lines(_ style: Style = .plain) -> [String] {
    guard chart.count > 0 else { return [title, "  no rows"] }
    var lines = [style.bold(title)]
    for panel in chart.panels { lines += draw(panel, style) }
    for mark in Chart.Mark.allCases where chart.spans.contains(where: { $0.mark == mark }) {
      lines.append(
        Layout.spaces(TerminalChart.margin) + style.tinted(marks(mark), tint(mark)) + " "
          + mark.name)
    }
    return lines + [edges]
  }

  private var title: String { Layout.printable(chart.title) }

  /// Margin for the numbers of the vertical axis.
  private static let margin = 10

  private var columns: Int { width - TerminalChart.margin - 18 }

  private func tint(_ mark: Chart.Mark) -> Style.Tint? {
    switch mark {
    case .label: .strong
    case .event: .bad
    case .falseAlarm: .warning
    case .training: .faint
    }
  }

  /// The positions in a column of dots, of which there are two per character.
  private func places(_ dot: Int) -> Range<Int> {
    let dots = 2 * columns
    let start = dot * chart.count / dots
    return start..<max(start + 1, min(chart.count, (dot + 1) * chart.count / dots))
  }

  private func draw(_ panel: Chart.Panel, _ style: Style) -> [String] {
    let edges = panel.band.map { [$0.lower, $0.upper] } ?? []
    let values =
      (panel.lines.map(\.values) + edges).flatMap { $0.filter(\.isFinite) }
      + [panel.threshold?.value].compactMap(\.self)
    guard let low = values.min(), let high = values.max() else {
      return ["  \(Layout.printable(panel.title)): no values"]
    }
    var grid = [[UInt32]](repeating: Array(repeating: 0, count: columns), count: rows)
    for (index, line) in panel.lines.enumerated() {
      for dot in 0..<(2 * columns) {
        let known = places(dot).map { line.values[$0] }.filter(\.isFinite)
        guard let least = known.min(), let most = known.max() else { continue }
        // The expected value is dotted, to distinguish it from the value.
        if index > 0, dot % 4 > 1 { continue }
        for level in level(least, low, high)...level(most, low, high) {
          set(&grid, dot: dot, level: level)
        }
      }
    }
    for edge in edges {
      for dot in stride(from: 0, to: 2 * columns, by: 4) {
        guard let value = edge[places(dot)].first(where: \.isFinite) else { continue }
        set(&grid, dot: dot, level: level(value, low, high))
      }
    }
    if let threshold = panel.threshold?.value {
      let level = level(threshold, low, high)
      for dot in stride(from: 0, to: 2 * columns, by: 3) { set(&grid, dot: dot, level: level) }
    }
    let labels = HumanNumber.values([high, low])
    var lines = [Layout.spaces(TerminalChart.margin) + style.faint(Layout.printable(panel.title))]
    for (row, cells) in grid.enumerated() {
      let label = row == 0 ? labels[0] : row == rows - 1 ? labels[1] : ""
      let text = Layout.truncate(label, width: TerminalChart.margin - 1)
      let padding = Layout.spaces(TerminalChart.margin - 1 - Layout.columns(text))
      lines.append(
        padding + style.faint(text) + " "
          + String(String.UnicodeScalarView(cells.compactMap { Unicode.Scalar(0x2800 + $0) })))
    }
    return lines
  }

  private func level(_ value: Double, _ low: Double, _ high: Double) -> Int {
    let share = high > low ? (value / 2 - low / 2) / (high / 2 - low / 2) : 0.5
    return min(4 * rows - 1, max(0, Int(share * Double(4 * rows - 1) + 0.5)))
  }

  /// Bits of a braille character: by column of dots, from the lowest dot up.
  private static let bits: [[UInt32]] = [[0x40, 0x04, 0x02, 0x01], [0x80, 0x20, 0x10, 0x08]]

  private func set(_ grid: inout [[UInt32]], dot: Int, level: Int) {
    grid[rows - 1 - level / 4][dot / 2] |= TerminalChart.bits[dot % 2][level % 4]
  }

  private func marks(_ mark: Chart.Mark) -> String {
    var line = [Character](repeating: " ", count: columns)
    for span in chart.spans where span.mark == mark {
      let first = span.places.lowerBound * columns / chart.count
      let last = min(columns - 1, span.places.upperBound * columns / chart.count)
      for column in first...max(first, last) { line[column] = "▔" }
    }
    return String(line)
  }

  private var edges: String {
    let (first, last): (String, String)
    switch chart.axis {
    case .times(let times):
      let length = columns < 34 ? 10 : 16
      (first, last) = (
        String(times[0].iso8601.prefix(length)),
        String(times[times.count - 1].iso8601.prefix(length))
      )
    case .numbers(let numbers, let name):
      (first, last) = (
        HumanNumber.value(numbers[0]), "\(HumanNumber.value(numbers[numbers.count - 1])) \(name)"
      )
    }
    let gap = max(1, columns - first.count - last.count)
    return Layout.spaces(TerminalChart.margin) + first + Layout.spaces(gap) + last
  }
}
