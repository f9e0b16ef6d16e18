import Series

/// A chart as SVG: colours by class, so that a page can restyle them and dark screens get others.
public struct SVGChart: Sendable {
  private let chart: Chart
  private let width: Double
  private let panelHeight: Double

  /// Margins: for the numbers of the vertical axis, and on the other side.
  private let left = 64.0
  private let right = 12.0
  private let top = 26.0
  private let bottom = 24.0
  private let legend = 22.0

  /// A picture `width` pixels wide.
  public init(_ chart: Chart, width: Int = 960, panelHeight: Int = 180) {
    self.chart = chart
    self.width = Double(width)
    self.panelHeight = Double(panelHeight)
  }

  private var plotWidth: Double { width - left - right }
  private var rowHeight: Double { top + panelHeight + bottom }
  private var height: Double { 26 + Double(chart.panels.count) * rowHeight + legend }

  /// The drawing properties of each class, with colours for light and dark screens. Plain rules
  /// rather than variables, which not every SVG renderer supports.
  private static let colours: [(name: String, property: String, light: String, dark: String)] = [
    ("text", "fill", "#1c2733", "#e4e8ec"), ("text.faint", "fill", "#64707d", "#9aa5b1"),
    (".grid", "stroke", "#e3e7eb", "#303a44"), (".value", "stroke", "#1f5fae", "#6ba6ee"),
    (".expected", "stroke", "#c2571a", "#f0935a"), (".score", "stroke", "#6b3fa0", "#b795e6"),
    (".other", "stroke", "#2b8a57", "#63c890"), (".threshold", "stroke", "#d33a3a", "#f07070"),
    (".band", "fill", "#c2571a", "#f0935a"), (".label", "fill", "#2b8a57", "#63c890"),
    (".event", "fill", "#d33a3a", "#f07070"), (".false-alarm", "fill", "#e0962b", "#f0b860"),
    (".training", "fill", "#8a94a0", "#7d8894"),
  ]

  /// The style, for light screens, dark ones and paper.
  public static let style: String = {
    func rules(isDark: Bool) -> String {
      colours.map { ".chart \($0.name){\($0.property):\(isDark ? $0.dark : $0.light)}" }.joined()
    }
    return """
      .chart{font-family:system-ui,sans-serif}.chart text{font-size:11px}
      .chart text.title{font-size:14px;font-weight:600}.chart text.panel{font-size:12px}
      .chart path{fill:none;stroke-width:1}.chart .line{stroke-width:1.3;stroke-linejoin:round}
      .chart .expected{stroke-width:1}.chart .threshold{stroke-dasharray:5 4}
      .chart .band{opacity:.18}.chart .label{opacity:.2}.chart .training{opacity:.14}
      .chart .event,.chart .false-alarm{opacity:.75}
      \(rules(isDark: false))
      @media screen and (prefers-color-scheme:dark){\(rules(isDark: true))}
      """
  }()

  /// The picture as a file of its own.
  public var file: String {
    let text = element
    guard let end = text.firstIndex(of: ">") else { return text }
    return text[...end] + "<style>svg.chart{background:#fff}"
      + "@media screen and (prefers-color-scheme:dark){svg.chart{background:#14191f}}\(SVGChart.style)</style>"
      + text[text.index(after: end)...] + "\n"
  }

  /// The picture inside a page that has ``style``.
  public var element: String {
    var svg =
      "<svg class=\"chart\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Int(width)) "
      + "\(Int(height))\" width=\"\(Int(width))\" height=\"\(Int(height))\" role=\"img\" "
      + "aria-label=\"\(MarkupText.escaped(chart.title))\">\n"
    svg += text(chart.title, x: left, y: 18, class: "title")
    guard chart.count > 0 else { return svg + "</svg>" }
    for (index, panel) in chart.panels.enumerated() {
      let spans = chart.spans.filter { $0.panels?.contains(index) ?? true }
      svg += draw(panel, spans, at: 26 + Double(index) * rowHeight)
    }
    svg += legendLine(at: 26 + Double(chart.panels.count) * rowHeight + 12)
    return svg + "</svg>"
  }

  // MARK: Panels

  private func draw(_ panel: Chart.Panel, _ spans: [Chart.Span], at y: Double) -> String {
    let range = SVGChart.range(of: panel)
    let (floor, ceiling) = (y + top + panelHeight, y + top)
    func vertical(_ value: Double) -> Double {
      let share = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
      return floor - max(-0.02, min(1.02, share)) * panelHeight
    }
    var svg = text(panel.title, x: left, y: y + 17, class: "panel")
    for span in spans { svg += mark(span, from: ceiling, to: floor) }
    let ticks = AxisTicks.numbers(range, count: 4)
    for (value, label) in zip(ticks, HumanNumber.values(ticks)) {
      let place = SVGChart.number(vertical(value))
      svg += "<path class=\"grid\" d=\"M\(Int(left)) \(place)H\(Int(width - right))\"/>"
      svg += text(label, x: left - 6, y: vertical(value) + 4, class: "faint", anchor: "end")
    }
    for tick in horizontalTicks {
      svg += text(tick.text, x: tick.x, y: floor + 15, class: "faint", anchor: "middle")
      svg += "<path class=\"grid\" d=\"M\(SVGChart.number(tick.x)) \(SVGChart.number(floor))v4\"/>"
    }
    if let band = panel.band { svg += draw(band, vertical) }
    for line in panel.lines.reversed() { svg += draw(line, vertical) }
    if let threshold = panel.threshold {
      let place = SVGChart.number(vertical(threshold.value))
      svg += "<path class=\"threshold\" d=\"M\(Int(left)) \(place)H\(Int(width - right))\"/>"
      svg += text(
        threshold.name, x: width - right - 4, y: vertical(threshold.value) - 4, class: "faint",
        anchor: "end")
    }
    return svg + "\n"
  }

  /// The range of a panel's lines, and of bands if they do not dwarf the lines.
  private static func range(of panel: Chart.Panel) -> ClosedRange<Double> {
    let values = panel.lines.flatMap { $0.values.filter(\.isFinite) }
    var (low, high) = (values.min() ?? 0, values.max() ?? 1)
    let room = max(high - low, 1e-12)
    if let band = panel.band {
      low = max(low - room / 2, min(low, band.lower.filter(\.isFinite).min() ?? low))
      high = min(high + room / 2, max(high, band.upper.filter(\.isFinite).max() ?? high))
    }
    if let threshold = panel.threshold?.value {
      low = min(low, threshold)
      high = max(high, threshold)
    }
    guard high > low else {
      return (low - max(1, abs(low) * 0.1))...(high + max(1, abs(high) * 0.1))
    }
    return (low - 0.04 * (high - low))...(high + 0.04 * (high - low))
  }

  /// One path: if many rows share a pixel, the lowest and the highest are drawn.
  private func draw(_ line: Chart.Line, _ vertical: (Double) -> Double) -> String {
    var path = ""
    var isDown = false
    for bin in bins {
      var (low, high): (Int?, Int?) = (nil, nil)
      for place in bin where line.values[place].isFinite {
        if low.map({ line.values[place] < line.values[$0] }) ?? true { low = place }
        if high.map({ line.values[place] > line.values[$0] }) ?? true { high = place }
      }
      guard let low, let high else {
        isDown = false
        continue
      }
      for place in low == high ? [low] : [min(low, high), max(low, high)] {
        path += (isDown ? "L" : "M") + SVGChart.number(x(place)) + " "
        path += SVGChart.number(vertical(line.values[place]))
        isDown = true
      }
      // A single row between gaps would be a point without length.
      if path.hasSuffix("M") { isDown = false }
    }
    return "<path class=\"line \(line.role.rawValue)\" d=\"\(path)\"/>"
  }

  private func draw(
    _ band: (lower: [Double], upper: [Double]), _ vertical: (Double) -> Double
  ) -> String {
    var svg = ""
    var (above, below): ([String], [String]) = ([], [])
    func close() {
      if above.count > 1 {
        svg += "<path class=\"band\" d=\"M" + (above + below.reversed()).joined(separator: "L")
        svg += "Z\"/>"
      }
      above.removeAll()
      below.removeAll()
    }
    for bin in bins {
      let known = bin.filter { band.lower[$0].isFinite && band.upper[$0].isFinite }
      guard let first = known.first, let high = known.map({ band.upper[$0] }).max(),
        let low = known.map({ band.lower[$0] }).min()
      else {
        close()
        continue
      }
      let place = SVGChart.number(x(first))
      above.append("\(place) \(SVGChart.number(vertical(high)))")
      below.append("\(place) \(SVGChart.number(vertical(low)))")
    }
    close()
    return svg
  }

  private func mark(_ span: Chart.Span, from ceiling: Double, to floor: Double) -> String {
    let (start, end) = (x(span.places.lowerBound), x(span.places.upperBound))
    let isLabel = span.mark == .label || span.mark == .training
    // Detections are a strip at the bottom, labels and training fill the panel.
    let (y, height) = isLabel ? (ceiling, floor - ceiling) : (floor - 10, 10)
    return "<rect class=\"\(span.mark.rawValue)\" x=\"\(SVGChart.number(start))\" y=\""
      + "\(SVGChart.number(y))\" width=\"\(SVGChart.number(max(2, end - start)))\" height=\""
      + "\(SVGChart.number(height))\"/>"
  }

  private func legendLine(at y: Double) -> String {
    var (svg, x) = ("", left)
    func add(_ name: String, _ swatch: String, _ isLine: Bool) {
      svg +=
        isLine
        ? "<path class=\"line \(swatch)\" d=\"M\(Int(x)) \(Int(y - 4))h16\"/>"
        : "<rect class=\"\(swatch)\" x=\"\(Int(x))\" y=\"\(Int(y - 10))\" width=\"16\" height=\"11\"/>"
      svg += text(name, x: x + 21, y: y, class: "faint")
      x += 21 + 6.4 * Double(name.count) + 16
    }
    var seen: Set<String> = []
    for panel in chart.panels {
      for line in panel.lines where seen.insert(line.name).inserted {
        add(line.name, line.role.rawValue, true)
      }
      if panel.band != nil, seen.insert("band").inserted { add("95% band", "band", false) }
    }
    for mark in Chart.Mark.allCases where chart.spans.contains(where: { $0.mark == mark }) {
      add(mark.name, mark.rawValue, false)
    }
    return svg
  }

  // MARK: The horizontal axis

  private var firstPosition: Double { chart.position(0) }
  private var lastPosition: Double { chart.position(chart.count - 1) }

  private func x(_ place: Int) -> Double { x(at: chart.position(place)) }

  private func x(at position: Double) -> Double {
    let span = lastPosition - firstPosition
    return left + (span > 0 ? (position - firstPosition) / span : 0.5) * plotWidth
  }

  private var horizontalTicks: [(x: Double, text: String)] {
    switch chart.axis {
    case .times(let times):
      return AxisTicks.times(
        from: times[0], to: times[times.count - 1], count: max(2, Int(plotWidth / 110))
      ).map { (x(at: $0.position), $0.text) }
    case .numbers:
      let range = firstPosition...max(firstPosition, lastPosition)
      let ticks = AxisTicks.numbers(range, count: max(2, Int(plotWidth / 110)))
      return zip(ticks, HumanNumber.values(ticks)).map { (x(at: $0), $1) }
    }
  }

  /// Positions that share one pixel.
  private var bins: [Range<Int>] {
    var found: [Range<Int>] = []
    var pixel = -1.0
    for place in 0..<chart.count {
      let next = x(place).rounded(.down)
      if next == pixel, let last = found.last {
        found[found.count - 1] = last.lowerBound..<(place + 1)
      } else {
        found.append(place..<(place + 1))
        pixel = next
      }
    }
    return found
  }

  private func text(
    _ string: String, x: Double, y: Double, class name: String, anchor: String = "start"
  ) -> String {
    "<text class=\"\(name)\" x=\"\(SVGChart.number(x))\" y=\"\(SVGChart.number(y))\""
      + (anchor == "start" ? "" : " text-anchor=\"\(anchor)\"")
      + ">\(MarkupText.escaped(string))</text>"
  }

  /// A coordinate with a tenth of a pixel.
  static func number(_ value: Double) -> String {
    HumanNumber.fixed(value, decimals: 1, trimmed: true)
  }
}
