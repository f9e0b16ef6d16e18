import Series

/// The values of one row in the order of the layout's columns; created once and reused.
struct CSVRow {
  /// When the row was measured.
  var timestamp = Timestamp(nanoseconds: 0)
  /// The values; NaN where there is none.
  private(set) var values: [Double] = []
  /// Which cells are text and not delivered; all false unless ``hasText``.
  private(set) var isText: [Bool] = []
  /// Whether any cell is text.
  private(set) var hasText = false
  /// How many cells are gaps.
  private(set) var gaps = 0
  /// The place of the row's key in ``CSVKeys``; 0 if the table has no keys.
  var key = 0
  private var cells: [Int] = []
  private var units: [[UInt8]] = []
  private var hasUnits = false
  private var decimalComma = false

  /// Reserves space for rows of `layout`.
  mutating func prepare(for layout: CSVLayout) {
    values = [Double](repeating: .nan, count: layout.columns.count)
    isText = [Bool](repeating: false, count: layout.columns.count)
    hasText = false
    key = 0
    cells = layout.columns.map(\.index)
    units = layout.columns.map(\.unit)
    hasUnits = units.contains { !$0.isEmpty }
    decimalComma = layout.hasDecimalComma
  }

  /// Reads the cells of a record of the right width. Does not allocate.
  mutating func read(_ bytes: Span<UInt8>, _ tokens: borrowing CSVTokens) {
    if hasText {
      for column in isText.indices { isText[column] = false }
      hasText = false
    }
    gaps = 0
    for column in 0..<values.count {
      let cell = tokens.range(cells[column])
      switch CSVNumber(bytes, cell, decimalComma: decimalComma) {
      case .value(let value): values[column] = value
      case .gap:
        values[column] = .nan
        gaps += 1
      case .text:
        if hasUnits,
          let value = CellUnit.number(
            bytes, cell, unit: units[column], decimalComma: decimalComma)
        {
          values[column] = value
          continue
        }
        values[column] = .nan
        isText[column] = true
        hasText = true
      }
    }
  }
}

/// Buffers needed while reading a file, shared by all files of an input.
struct CSVScratch {
  /// The window of ``CSVLineBuffer``.
  var window = CSVLineBuffer.makeWindow()
  /// The cells of the current record.
  var tokens = CSVTokens()
  /// The streams of an input of events.
  var streams: TraceThreads?
}
