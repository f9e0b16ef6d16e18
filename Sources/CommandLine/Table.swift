/// Rows with aligned columns.
public struct Table: Sendable {
  /// One column.
  public struct Column: Sendable {
    /// How its cells are aligned.
    public enum Alignment: Sendable {
      /// Words.
      case left
      /// Numbers.
      case right
    }

    /// Its heading.
    public var title: String
    /// How its cells are aligned.
    public var alignment: Alignment
    /// Whether it is shortened first if the table is too wide.
    public var yields: Bool
    /// Whether its cells are shortened in the middle instead of at the end.
    public var keepsEnds = false
    /// If the line is still too narrow, columns with a rank are omitted, highest first.
    public var rank: Int?

    /// A column of words; one that `yields` is shortened if the line is too narrow.
    public static func text(_ title: String, yields: Bool = false) -> Column {
      Column(title: title, alignment: .left, yields: yields)
    }

    /// A column of names; shortened in the middle if the line is too narrow.
    public static func name(_ title: String) -> Column {
      var column = text(title, yields: true)
      column.keepsEnds = true
      return column
    }

    /// A column of numbers.
    public static func number(_ title: String) -> Column {
      Column(title: title, alignment: .right, yields: false)
    }

    /// The column, omitted if the line is too narrow; the highest rank goes first.
    public func optional(_ rank: Int) -> Column {
      var column = self
      column.rank = rank
      return column
    }
  }

  /// One cell.
  public struct Cell: Sendable, ExpressibleByStringInterpolation {
    /// Its text; control characters are made visible.
    public var text: String
    /// What is shown instead if the table is too wide; nil: the same.
    public var short: String?
    /// Its style.
    public var tint: Style.Tint?

    /// A cell with `text`.
    /// - Parameter short: what is shown instead if the table is too wide.
    public init(_ text: String, short: String? = nil, _ tint: Style.Tint? = nil) {
      self.text = Layout.printable(text)
      self.short = short.map { Layout.printable($0) }
      self.tint = tint
    }

    /// A cell with `value`.
    public init(stringLiteral value: String) {
      self.init(value)
    }
  }

  /// Its columns.
  public let columns: [Column]
  /// Its rows, each with one cell per column.
  public private(set) var rows: [[Cell]] = []

  private static let gap = 2

  /// A table without rows.
  public init(_ columns: [Column]) {
    self.columns = columns
  }

  /// Adds a row with one cell per column.
  public mutating func add(_ cells: [Cell]) {
    precondition(cells.count == columns.count, "a row needs one cell for each column")
    rows.append(cells)
  }

  /// The table as lines without trailing blanks, the heading first.
  /// - Parameters:
  ///   - width: columns of the terminal, which no line exceeds; nil for lines of any length.
  ///   - indent: blanks before each line.
  public func lines(width: Int? = nil, style: Style = .plain, indent: Int = 0) -> [String] {
    let limit = width.map { $0 - indent }
    let rows = fitting(limit)
    let shown = layOut(rows, within: limit)
    let heading = columns.map { Cell($0.title, .faint) }
    return ([heading] + rows).map { row in
      var line = Layout.spaces(indent)
      var pending = 0
      for (index, width) in shown {
        let (cell, column) = (row[index], columns[index])
        let text =
          column.keepsEnds
          ? Layout.shorten(cell.text, width: width) : Layout.truncate(cell.text, width: width)
        let padding = width - Layout.columns(text)
        let before = column.alignment == .right ? padding : 0
        if !text.isEmpty {
          line += Layout.spaces(pending + before) + style.tinted(text, cell.tint)
          pending = 0
        }
        pending += Table.gap + padding - (text.isEmpty ? 0 : before)
      }
      return line
    }
  }

  /// The rows, with short texts if the full ones need more than `limit` columns.
  private func fitting(_ limit: Int?) -> [[Cell]] {
    let full = naturalWidths(rows).reduce(Table.gap * max(0, columns.count - 1), +)
    guard let limit, full > limit else { return rows }
    return rows.map { row in
      row.map { cell in
        var cell = cell
        cell.text = cell.short ?? cell.text
        return cell
      }
    }
  }

  /// How wide each column is if nothing is shortened.
  private func naturalWidths(_ rows: [[Cell]]) -> [Int] {
    columns.indices.map { index in
      rows.reduce(Layout.columns(columns[index].title)) {
        max($0, Layout.columns($1[index].text))
      }
    }
  }

  /// Which columns are shown, and how wide.
  private func layOut(_ rows: [[Cell]], within limit: Int?) -> [(index: Int, width: Int)] {
    let natural = naturalWidths(rows)
    var shown = Array(columns.indices)
    guard let limit else { return shown.map { ($0, natural[$0]) } }
    func gaps() -> Int { Table.gap * max(0, shown.count - 1) }
    func least(_ index: Int) -> Int {
      columns[index].yields ? min(natural[index], columns[index].legibleWidth) : natural[index]
    }
    while shown.reduce(gaps(), { $0 + least($1) }) > limit,
      let next = shown.filter({ columns[$0].rank != nil })
        .max(by: { (columns[$0].rank ?? 0) < (columns[$1].rank ?? 0) })
    {
      shown.removeAll { $0 == next }
    }
    var widths = natural
    var excess = shown.reduce(gaps()) { $0 + widths[$1] } - limit
    while excess > 0 {
      func yielding(to least: (Column) -> Int) -> [Int] {
        shown.filter { columns[$0].yields && widths[$0] > least(columns[$0]) }
      }
      // If that is not enough, every column is shortened.
      let candidates =
        [yielding(to: \.legibleWidth), yielding(to: \.leastWidth)].first { !$0.isEmpty }
        ?? shown.filter { widths[$0] > 1 }
      guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
      widths[widest] -= 1
      excess -= 1
    }
    return shown.map { ($0, widths[$0]) }
  }
}

extension Table.Column {
  /// How far it is shortened before other columns are omitted: names and reasons are worth more than
  /// the rest.
  fileprivate var legibleWidth: Int { keepsEnds ? 36 : 18 }
  /// How far it is shortened before all columns are.
  fileprivate var leastWidth: Int { keepsEnds ? 16 : 8 }
}
