import FoundationEssentials
import Reports
import Series
import Testing

/// Charts as SVG and in characters, and pages.
@Suite struct ChartTests {
  private func chart(rows: Int = 1000, gap: Range<Int> = 0..<0) -> Chart {
    let values = (0..<rows).map { gap.contains($0) ? .nan : Double($0 % 50) }
    var panel = Chart.Panel(
      title: "cpu & <load>",
      lines: [
        Chart.Line(name: "value", role: .value, values: values),
        Chart.Line(name: "expected", role: .expected, values: values.map { $0 + 1 }),
      ])
    panel.band = (values.map { $0 - 2 }, values.map { $0 + 2 })
    panel.threshold = (60, "alarms from here")
    var chart = Chart(
      title: "a \"quoted\" title",
      axis: .times(
        (0..<rows).map { Timestamp(seconds: 1_700_000_000 + 60 * Double($0)) }), panels: [panel])
    if rows > 30 {
      chart.spans = [Chart.Span(10...20, .label), Chart.Span(12...30, .falseAlarm)]
    }
    return chart
  }

  /// Whether every element that is opened is also closed, in order.
  private func isWellFormed(_ markup: String) -> Bool {
    var open: [Substring] = []
    for part in markup.split(separator: "<").dropFirst(markup.hasPrefix("<") ? 0 : 1) {
      guard let end = part.firstIndex(of: ">") else { return false }
      let tag = part[..<end]
      if tag.hasPrefix("!") || tag.hasPrefix("meta") || tag.hasSuffix("/") { continue }
      if tag.hasPrefix("/") {
        guard open.popLast() == tag.dropFirst() else { return false }
      } else {
        open.append(tag.prefix { $0 != " " && $0 != "\n" })
      }
    }
    return open.isEmpty
  }

  @Test(arguments: [0, 1, 2, 30, 5000])
  func `a picture is well formed, whatever the number of rows`(rows: Int) {
    let svg = SVGChart(chart(rows: rows, gap: 1..<(rows / 3 + 1))).file
    #expect(isWellFormed(svg))
    #expect(svg.hasPrefix("<svg") && !svg.contains("nan") && !svg.contains("inf"))
    #expect(!svg.contains("cpu & <load>") && !svg.contains("\"quoted\""))
  }

  @Test func `a quotation mark with an accent ends no attribute`() {
    let chart = Chart(title: "\"\u{301} onload=x", axis: .numbers([], name: "n"), panels: [])
    #expect(SVGChart(chart).file.utf8.firstRange(of: "&quot;\u{301} onload".utf8) != nil)
  }

  @Test func `many rows become no more points than there are pixels`() {
    let (small, large) = (SVGChart(chart(rows: 2000)).file, SVGChart(chart(rows: 200_000)).file)
    #expect(large.utf8.count < 2 * small.utf8.count)
  }

  @Test func `a spike is drawn however many rows there are`() {
    var chart = chart(rows: 100_000)
    chart.panels[0].band = nil
    chart.panels[0].lines = [
      Chart.Line(
        name: "v", role: .value, values: (0..<100_000).map { $0 == 77_777 ? 100 : 0 })
    ]
    let path = SVGChart(chart).file.split(separator: "class=\"line value\"")[1]
    // Without the spike the line would have one height.
    let heights = Set(
      path.prefix { $0 != ">" }.split { "ML".contains($0) }.compactMap {
        $0.split(separator: " ").last
      })
    #expect(heights.count > 1)
  }

  @Test func `spans are marked and named`() {
    let svg = SVGChart(chart()).file
    #expect(svg.contains("<rect class=\"label\"") && svg.contains("labelled anomaly"))
    #expect(svg.contains("<rect class=\"false-alarm\"") && svg.contains("false alarm"))
    #expect(!svg.contains("trained on"))
  }

  @Test func `a span is marked in its own panels only`() {
    var chart = chart()
    chart.panels += [chart.panels[0], chart.panels[0]]
    chart.spans = [Chart.Span(10...20, .label), Chart.Span(12...30, .event, in: [0, 2])]
    let svg = SVGChart(chart).file
    func count(_ mark: String) -> Int {
      svg.split(separator: "<").count { $0.hasPrefix("rect class=\"\(mark)\"") }
    }
    // And once in the legend.
    #expect(count("label") == 4 && count("event") == 3)
  }

  @Test(arguments: [40, 80, 200])
  func `a chart in characters fits the terminal`(width: Int) {
    let lines = TerminalChart(chart(), width: width).lines()
    #expect(lines.allSatisfy { $0.count <= width }, "\(lines.map(\.count))")
    #expect(lines.count == 1 + 1 + 10 + 2 + 1)
    #expect(lines[2...11].contains { $0.unicodeScalars.contains { $0.value > 0x2800 } })
    #expect(TerminalChart(chart(rows: 0), width: width).lines().count == 2)
    #expect(!TerminalChart(chart(rows: 1), width: width).lines().isEmpty)
  }

  @Test func `a page needs no network, is well formed and escapes text`() {
    var page = Page(title: "pump <1>", subtitle: "a & b")
    page.add("Left out", [])
    page.add(
      "Scores",
      [
        .text("<script>"), .facts([("n", "1 < 2")]),
        .table(headings: ["name", "F1"], rows: [["a", "0.75"], ["<b>", "-"]]),
        .confusion(
          truePositives: 1, falsePositives: 2, falseNegatives: 3, trueNegatives: 4000),
        .chart(chart()),
      ])
    let html = page.html
    #expect(isWellFormed(html), "\(html.prefix(3000))")
    #expect(!html.contains("<script>") && !html.contains("<b>") && !html.contains("Left out"))
    #expect(!html.replacing("http://www.w3.org/2000/svg", with: "").contains("http"))
    #expect(html.contains("<td class=\"number\">0.75</td>") && html.contains("4,000"))
    #expect(html.contains("prefers-color-scheme:dark") && html.contains("@media print"))
    // On paper nothing can be scrolled: tables wrap instead of being cut off.
    #expect(html.contains(".wide{overflow:visible}") && html.contains("white-space:normal"))
  }

  /// The rows of a panel in a terminal, each with the dots of its columns.
  private func dots(_ panel: Chart.Panel) -> [[Bool]] {
    let times = panel.lines[0].values.indices.map { Timestamp(seconds: Double($0)) }
    let chart = Chart(title: "t", axis: .times(times), panels: [panel])
    let lines = TerminalChart(chart, width: 60, rows: 6).lines()
    return lines.compactMap { line in
      let cells = line.unicodeScalars.filter { (0x2800...0x28FF).contains($0.value) }
      return cells.isEmpty ? nil : cells.map { $0.value > 0x2800 }
    }
  }

  @Test func `in a terminal the band is dotted above and below the value`() {
    var panel = Chart.Panel(
      title: "p", lines: [.init(name: "v", role: .value, values: Array(repeating: 5, count: 64))])
    #expect(dots(panel).count { $0.contains(true) } == 1, "a constant is one line")
    panel.band = (Array(repeating: 0, count: 64), Array(repeating: 10, count: 64))
    let rows = dots(panel)
    #expect(rows.count == 6)
    for row in [rows[0], rows[5]] {
      // A dot in every second character: dotted, and distinguishable from a line.
      #expect(row.count(where: \.self) == row.count / 2)
    }
    #expect(!rows[1].contains(true) && !rows[4].contains(true))
    #expect(rows[2...3].contains { $0.allSatisfy(\.self) })
  }

  @Test func `no band is drawn while it is unknown`() {
    var panel = Chart.Panel(
      title: "p", lines: [.init(name: "v", role: .value, values: Array(repeating: 5, count: 64))])
    let known = (0..<64).map { $0 < 32 ? Double.nan : 10 }
    panel.band = (known.map { $0 - 10 }, known)
    let rows = dots(panel)
    for row in [rows[0], rows[5]] {
      #expect(!row.prefix(row.count / 2 - 1).contains(true))
      #expect(row.suffix(row.count / 2).contains(true))
    }
  }
}
