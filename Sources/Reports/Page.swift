import Series

/// One self-contained page: no network access, light and dark, printable.
public struct Page: Sendable {
  /// A part of a section.
  public enum Part: Sendable {
    /// A paragraph.
    case text(String)
    /// Names and values.
    case facts([(name: String, value: String)])
    /// Rows below headings; numbers are aligned to the right.
    case table(headings: [String], rows: [[String]])
    /// A picture.
    case chart(Chart)
    /// Counts of rows that are anomalous or not, and that alarm or do not.
    case confusion(truePositives: Int, falsePositives: Int, falseNegatives: Int, trueNegatives: Int)
  }

  /// What stands over it.
  public var title: String
  /// The text below the title.
  public var subtitle: String
  private var sections: [(title: String, parts: [Part])] = []

  /// A page without sections.
  public init(title: String, subtitle: String) {
    self.title = title
    self.subtitle = subtitle
  }

  /// Adds a section; one without parts is left out.
  public mutating func add(_ title: String, _ parts: [Part]) {
    if !parts.isEmpty { sections.append((title, parts)) }
  }

  /// The page.
  public var html: String {
    var text = """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8">
      <meta name="viewport" content="width=device-width,initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(MarkupText.escaped(title))</title>
      <style>\(Page.style)\(SVGChart.style)</style></head>
      <body><header><h1>\(MarkupText.escaped(title))</h1>
      <p class="faint">\(MarkupText.escaped(subtitle))</p></header><main>

      """
    for section in sections {
      text += "<section><h2>\(MarkupText.escaped(section.title))</h2>\n"
      for part in section.parts { text += Page.markup(part) + "\n" }
      text += "</section>\n"
    }
    return text + "</main></body></html>\n"
  }

  private static let style = """
    :root{--back:#fff;--ink:#1c2733;--faint:#5b6773;--line:#dde2e7;--good:#2b8a57;--bad:#c33}
    @media screen and (prefers-color-scheme:dark){:root{--back:#14191f;--ink:#e4e8ec;--faint:#9aa5b1;\
    --line:#303a44;--good:#63c890;--bad:#f07070}}
    body{background:var(--back);color:var(--ink);font:15px/1.5 system-ui,sans-serif;margin:0 auto;\
    max-width:1000px;padding:1.5rem}
    h1{font-size:1.6rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .6rem;\
    border-bottom:1px solid var(--line);padding-bottom:.2rem}
    .faint{color:var(--faint)}p{margin:.4rem 0}
    .wide{overflow-x:auto}table{border-collapse:collapse;font-size:14px}
    th,td{padding:.25rem .9rem .25rem 0;text-align:left;border-bottom:1px solid var(--line);\
    white-space:nowrap}th{color:var(--faint);font-weight:500}
    .number{text-align:right;font-variant-numeric:tabular-nums}
    dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1.2rem;margin:.4rem 0}
    dt{color:var(--faint)}dd{margin:0;overflow-wrap:anywhere}
    .confusion td{font-size:1.1rem;padding:.5rem 1.4rem;text-align:right;\
    border:1px solid var(--line)}.confusion .good{color:var(--good)}.confusion .bad{color:var(--bad)}
    svg{max-width:100%;height:auto;display:block;margin:.8rem 0}
    @media print{body{max-width:none;padding:0;font-size:11px}h2{break-after:avoid}\
    tr,dl,svg{break-inside:avoid}.wide{overflow:visible}table{font-size:10px}\
    th,td{white-space:normal;padding-right:.5rem}:root{--back:#fff;--ink:#000;--faint:#444;--line:#bbb}}

    """

  private static func markup(_ part: Part) -> String {
    let escaped = { (text: String) in MarkupText.escaped(text) }
    switch part {
    case .text(let text): return "<p>\(escaped(text))</p>"
    case .facts(let facts):
      let rows = facts.map { "<dt>\(escaped($0.name))</dt><dd>\(escaped($0.value))</dd>" }
      return "<dl>\(rows.joined())</dl>"
    case .table(let headings, let rows):
      let isNumber = headings.indices.map { column in
        rows.contains { isNumeric($0[column]) }
          && rows.allSatisfy { isNumeric($0[column]) || ["", "-"].contains($0[column]) }
      }
      func cell(_ tag: String, _ text: String, _ column: Int) -> String {
        "<\(tag)\(isNumber[column] ? " class=\"number\"" : "")>\(escaped(text))</\(tag)>"
      }
      let head = headings.enumerated().map { cell("th", $1, $0) }.joined()
      let body = rows.map { row in
        "<tr>" + row.enumerated().map { cell("td", $1, $0) }.joined() + "</tr>"
      }
      return
        "<div class=\"wide\"><table><tr>\(head)</tr>\(body.joined(separator: "\n"))</table></div>"
    case .chart(let chart): return SVGChart(chart).element
    case .confusion(let truePositives, let falsePositives, let falseNegatives, let trueNegatives):
      func cell(_ count: Int, _ name: String) -> String {
        "<td class=\"\(name)\">\(HumanNumber.count(count))</td>"
      }
      return "<table class=\"confusion\"><tr><th></th><th>alarms</th><th>does not alarm</th></tr>"
        + "<tr><th>anomalous</th>\(cell(truePositives, "good"))\(cell(falseNegatives, "bad"))</tr>"
        + "<tr><th>normal</th>\(cell(falsePositives, "bad"))\(cell(trueNegatives, "good"))</tr></table>"
    }
  }

  private static func isNumeric(_ text: String) -> Bool {
    guard let first = text.first else { return false }
    return (first.isNumber || "+-−".contains(first)) && text.contains(where: \.isNumber)
      && text.allSatisfy { $0.isNumber || "+-−.,%/e".contains($0) }
  }
}

/// Text inside HTML and SVG.
enum MarkupText {
  /// The text with markup characters replaced, on one line.
  static func escaped(_ text: some StringProtocol) -> String {
    PrintableText.escaped(PrintableText.line(text)) { scalar in
      switch scalar {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "\"": "&quot;"
      case "'": "&#39;"
      default: nil
      }
    }
  }
}
