package import CommandLine
package import Control
import Monitor
package import Series

/// Samples as text, line by line as they arrive.
///
/// Columns grow with their contents; on a terminal no line exceeds its width.
package struct TapReport {
  private let width: Int?
  private let style: Style
  private let now: () -> Timestamp
  private var widths = [12, 24, 8, 8, 12, 5]
  private var hasHeading = false

  /// - Parameters:
  ///   - width: columns of the terminal; nil for lines of any length.
  ///   - now: a clock; a sample of another day than today is shown with its date.
  package init(
    width: Int? = nil, style: Style = .plain, now: @escaping () -> Timestamp = DaemonAccess.now
  ) {
    self.width = width
    self.style = style
    self.now = now
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
      let lost = HumanNumber.counted(reply.lost, "sample")
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
    let reading = Phrases.reading(
      of: sample.metric, sample.value, sample.expected, sample.lower, sample.upper)
    return [
      time(sample.at),
      Layout.printable(sample.metric), reading.value, reading.expected, reading.band,
      [.warming, .shown].contains(sample.state) ? "-" : Phrases.score(sample.score),
    ]
  }

  private func time(_ moment: Timestamp) -> String {
    let text = moment.iso8601
    let time = text.dropFirst(11).prefix(width.map { $0 < 100 } ?? false ? 8 : 12)
    let isToday = text.prefix(10) == now().iso8601.prefix(10)
    return isToday ? String(time) : "\(text.prefix(10)) \(time)"
  }

  private mutating func line(_ cells: [String], _ tint: Style.Tint?) -> String {
    for index in cells.indices {
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
