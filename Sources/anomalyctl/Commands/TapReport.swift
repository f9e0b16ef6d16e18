package import CommandLine
package import Control
import Monitor
import Series

/// Samples as text, line by line as they arrive.
///
/// Columns grow with their contents; on a terminal no line exceeds its width.
package struct TapReport {
  private let width: Int?
  private let style: Style
  private var widths = [12, 24, 8, 8, 12, 5]
  private var hasHeading = false

  /// - Parameter width: columns of the terminal; nil for lines of any length.
  package init(width: Int? = nil, style: Style = .plain) {
    self.width = width
    self.style = style
    // On a narrow terminal, milliseconds are the most dispensable.
    if let width, width < 100 { widths[0] = 8 }
  }

  /// The lines for one reply.
  package mutating func lines(_ reply: TapReply) -> [String] {
    var lines: [String] = []
    if !hasHeading, !reply.samples.isEmpty {
      hasHeading = true
      let titles = ["time UTC", "metric", "value", "expected", "band", "score"]
      lines.append(line(titles, .faint))
    }
    if reply.lost > 0 {
      let lost = Phrases.counted(reply.lost, "sample")
      lines.append(style.warning("… \(lost) missed, faster than they could be shown"))
    }
    for sample in reply.samples {
      let tint = Phrases.tint(sample.state)
      let text = line(cells(sample), tint)
      lines.append(sample.state == .anomalous ? "\(text)\(style.tinted("  !", tint))" : text)
    }
    return lines
  }

  private func cells(_ sample: TapSample) -> [String] {
    let reading = Phrases.reading(sample.value, sample.expected, sample.lower, sample.upper)
    return [
      String(sample.at.iso8601.dropFirst(11).dropLast().prefix(widths[0])),
      Layout.printable(sample.metric), reading.value, reading.expected, reading.band,
      sample.state == .warming ? "-" : Phrases.score(sample.score),
    ]
  }

  private mutating func line(_ cells: [String], _ tint: Style.Tint?) -> String {
    for index in 1..<cells.count {
      widths[index] = max(widths[index], Layout.columns(cells[index]))
    }
    var shown = widths
    if let width {
      // Between the columns, and for the mark after them.
      let gaps = 2 * cells.count + 1
      let rest = widths.reduce(gaps, +) - widths[1]
      shown[1] = min(widths[1], max(8, width - rest))
    }
    let padded = zip(cells, shown).enumerated().map { index, cell in
      let text =
        index == 1
        ? Layout.shorten(cell.0, width: cell.1) : Layout.truncate(cell.0, width: cell.1)
      let padding = Layout.spaces(cell.1 - Layout.columns(text))
      return [0, 1, 4].contains(index) ? text + padding : padding + text
    }
    return style.tinted(padded.joined(separator: "  "), tint)
  }
}
