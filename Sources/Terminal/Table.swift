/// Rows under aligned columns.
public struct Table: Sendable {
  /// One column.
  public struct Column: Sendable {
    /// Where its cells stand.
    public enum Alignment: Sendable {
      /// Words.
      case left
      /// Numbers.
      case right
    }

    /// Its heading.
    public var title: String
    /// Where its cells stand.
    public var alignment: Alignment
    /// Whether it gives up width first when the table is too wide.
    public var yields: Bool

    /// A column of words; one that `yields` is shortened where the line is too narrow.
    public static func text(_ title: String, yields: Bool = false) -> Column {
      Column(title: title, alignment: .left, yields: yields)
    }

    /// A column of numbers.
    public static func number(_ title: String) -> Column {
      Column(title: title, alignment: .right, yields: false)
    }
  }

  /// One cell.
  public struct Cell: Sendable, ExpressibleByStringInterpolation {
    /// What it says; control characters are made visible.
    public var text: String
    /// How it looks.
    public var tint: Style.Tint?

    /// A cell that says `text`.
    public init(_ text: String, _ tint: Style.Tint? = nil) {
      self.text = Layout.printable(text)
      self.tint = tint
    }

    /// A cell that says `value`.
    public init(stringLiteral value: String) {
      self.init(value)
    }
  }

  /// Its columns.
  public let columns: [Column]
  /// Its rows, each with one cell per column.
  public private(set) var rows: [[Cell]] = []

  private static let gap = 2
  private static let narrowest = 8

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
  ///   - width: columns of the terminal; nil where lines may have any length.
  ///   - indent: blanks before each line.
  public func lines(width: Int? = nil, style: Style = .plain, indent: Int = 0) -> [String] {
    let widths = widths(within: width.map { $0 - indent })
    let heading = columns.map { Cell($0.title, .faint) }
    return ([heading] + rows).map { row in
      var line = Layout.spaces(indent)
      var pending = 0
      for (index, cell) in row.enumerated() {
        let text = Layout.truncate(cell.text, width: widths[index])
        let padding = widths[index] - Layout.columns(text)
        let before = columns[index].alignment == .right ? padding : 0
        if !text.isEmpty {
          line += Layout.spaces(pending + before) + style.tinted(text, cell.tint)
          pending = 0
        }
        pending += Table.gap + padding - (text.isEmpty ? 0 : before)
      }
      return line
    }
  }

  private func widths(within limit: Int?) -> [Int] {
    var widths = columns.map { Layout.columns($0.title) }
    for row in rows {
      for (index, cell) in row.enumerated() {
        widths[index] = max(widths[index], Layout.columns(cell.text))
      }
    }
    guard let limit else { return widths }
    var excess = widths.reduce(0, +) + Table.gap * max(0, widths.count - 1) - limit
    while excess > 0 {
      let candidates = widths.indices.filter { columns[$0].yields && widths[$0] > Table.narrowest }
      guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
      widths[widest] -= 1
      excess -= 1
    }
    return widths
  }
}
