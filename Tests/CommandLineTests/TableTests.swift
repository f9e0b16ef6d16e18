import CommandLine
import Testing

@Suite struct TableTests {
  func table(_ rows: [[Table.Cell]]) -> Table {
    var table = Table([.text("name", yields: true), .number("n"), .text("note")])
    for row in rows { table.add(row) }
    return table
  }

  @Test func `aligns words left and numbers right, without trailing blanks`() {
    let table = table([["a", "1", "x"], ["long-name", "1,234", ""], ["", "", "y"]])
    #expect(
      table.lines() == [
        "name           n  note",
        "a              1  x",
        "long-name  1,234",
        "                  y",
      ])
  }

  @Test func `shortens yielding columns first, and all columns if that is not enough`() {
    let table = table([["a-very-long-name-indeed", "123456", "note"]])
    #expect(table.lines(width: 30).last == "a-very-long-nam…  123456  note")
    #expect(table.lines(width: 22).last == "a-very-…  123456  note")
    #expect(table.lines(width: 12).last == "a…  12…  no…")
  }

  @Test(arguments: [
    (60, "disk.nvme0n1.read_bytes 12 x y"), (41, "disk.nvme0n1.read_bytes 12 y"),
    (35, "disk.nvme0n1.read_bytes 12"), (29, "disk.nvme0n…read_bytes 12"), (10, "di…s 12"),
  ])
  func `omits the least important columns before it shortens names in the middle`(
    width: Int, row: String
  ) {
    var table = Table([
      .name("name"), .number("value"), .text("more").optional(2), .text("most").optional(1),
    ])
    table.add(["disk.nvme0n1.read_bytes", "12", "x", "y"])
    let found = table.lines(width: width)
    #expect(found.allSatisfy { Layout.columns($0) <= width })
    #expect(found.last?.split(separator: " ").joined(separator: " ") == row)
  }

  @Test func `shows short texts if full ones are too long`() {
    var table = Table([.text("when"), .name("name")])
    table.add([Table.Cell("2026-11-20 14:00:00 UTC", short: "11-20 14:00Z"), "disk.sda.reads"])
    #expect(table.lines(width: 39).last == "2026-11-20 14:00:00 UTC  disk.sda.reads")
    #expect(table.lines(width: 38).last == "11-20 14:00Z  disk.sda.reads")
  }

  @Test(arguments: [
    ("disk.sda.reads", 14, "disk.sda.reads"), ("disk.sda.reads", 9, "disk…eads"),
    ("disk.sda.reads", 8, "disk…ads"), ("disk", 2, "d…"), ("温度温度温度", 7, "温度…度"), ("ab", 0, ""),
  ])
  func `shortens in the middle`(text: String, width: Int, short: String) {
    #expect(Layout.shorten(text, width: width) == short)
  }

  @Test func `counts columns, not characters`() {
    let table = table([["温度", "1", "x"], ["é", "2", "y"]])
    #expect(table.lines() == ["name  n  note", "温度  1  x", "é     2  y"])
  }

  @Test func `makes control characters visible`() {
    let table = table([["a\u{1B}[2Jb\n", "1", "\u{202E}x\u{9B}"]])
    #expect(table.lines().last == "a␛[2Jb␊  1  \u{FFFD}x\u{FFFD}")
  }

  @Test func `colours cells without moving columns`() {
    let table = table([[Table.Cell("ab", .bad), "1", "x"]])
    let lines = table.lines(style: Style(isEnabled: true), indent: 1)
    #expect(lines.last == " \u{1B}[1;31mab\u{1B}[0m    1  x")
  }
}

@Suite struct StyleTests {
  @Test(arguments: [
    (true, [:], true), (false, [:], false), (true, ["NO_COLOR": "1"], false),
    (true, ["NO_COLOR": ""], true), (true, ["TERM": "dumb"], false),
    (true, ["TERM": "xterm"], true),
  ])
  func `colours only a terminal that wants them`(
    isTerminal: Bool, environment: [String: String], enabled: Bool
  ) {
    let style = Style(isTerminal: isTerminal) { environment[$0] }
    #expect(style.isEnabled == enabled)
    #expect((style.bad("x") == "x") == !enabled)
  }
}

@Suite struct SparklineTests {
  @Test(
    arguments: [
      ([0, 1, 2, 3, 4, 5, 6, 7], 8, "▁▂▃▄▅▆▇█"),
      ([5, 5, 5], 8, "▄▄▄"),
      ([1, .nan, 2], 8, "▁ █"),
      ([.nan, .infinity], 8, "  "),
      ([], 8, ""),
      ([1], 0, ""),
      ([-1.7e308, 1.7e308], 8, "▁█"),
      ([0, 0, 0, 0, 9, 0, 0, 0], 4, "▁▁█▁"),
    ] as [([Double], Int, String)])
  func `draws the history and keeps spikes`(values: [Double], width: Int, line: String) {
    #expect(Sparkline.draw(values, width: width) == line)
  }
}
