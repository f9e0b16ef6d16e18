import CommandLine
import Control
import ControlSupport
import Series
import Testing
import anomalyctl

@Suite struct TopKeyTests {
  @Test(arguments: [
    ("\u{1B}[A", TopKey.up), ("\u{1B}OB", .down), ("\u{1B}[5~", .pageUp), ("\u{1B}[6~", .pageDown),
    ("\u{1B}[H", .home), ("\u{1B}[4~", .end), ("\r", .enter), ("\u{7F}", .backspace),
    ("q", .character("q")), ("é", .character("é")),
  ])
  func `decodes what terminals send, even byte by byte`(_ text: String, _ key: TopKey) {
    var whole = TopKeyDecoder()
    #expect(whole.decode(text.utf8) == [key])
    var pieces = TopKeyDecoder()
    #expect(text.utf8.flatMap { pieces.decode([$0]) } == [key])
    #expect(!pieces.isWaiting)
  }

  @Test func `a lone escape counts only after a pause`() {
    var decoder = TopKeyDecoder()
    #expect(decoder.decode([0x1B]).isEmpty && decoder.isWaiting)
    #expect(decoder.flush() == [.escape])
    #expect(decoder.decode([0x1B, 0x1B, 0x5B, 0x41]) == [.escape, .up])
  }

  @Test func `ignores unknown sequences, however long`() {
    var decoder = TopKeyDecoder()
    #expect(decoder.decode("\u{1B}[200~x".utf8) == [.character("x")])
    let endless = "\u{1B}[" + String(repeating: "1;", count: 40)
    _ = decoder.decode(endless.utf8)
    #expect(decoder.decode("A".utf8) == [.character("A")])
    #expect(decoder.decode([0xFF, 0x00, 0x61]) == [.character("a")])
  }
}

@Suite struct TopModelTests {
  private func model(_ count: Int = 12) -> TopModel {
    var model = TopModel()
    model.take(snapshot(count))
    return model
  }

  private func snapshot(_ count: Int = 12) -> TopModel.Snapshot {
    TopModel.Snapshot(status: ill, metrics: topMetrics(count))
  }

  private func press(_ model: inout TopModel, _ keys: String) {
    for key in keys { model.press(.character(key), page: 5) }
  }

  @Test func `shows anomalous metrics first, then by score, and those that warm up last`() {
    #expect(
      model().shown.prefix(4).map(\.name) == ["disk.sda.busy", "metric11", "metric09", "metric07"])
    #expect(model().shown.last?.name == "metric10")
  }

  @Test func `the mark stays on its metric when the order changes`() {
    var model = model()
    model.press(.down, page: 5)
    model.press(.down, page: 5)
    #expect(model.markedMetric?.name == "metric09")
    var next = snapshot()
    for index in next.metrics.indices where next.metrics[index].name == "metric09" {
      next.metrics[index].score = 0
    }
    model.take(next)
    #expect(model.markedMetric?.name == "metric09" && model.place > 2)
  }

  @Test func `filters while the user types`() {
    var model = model()
    press(&model, "/SDA")
    #expect(model.isTyping && model.shown.map(\.name) == ["disk.sda.busy"])
    // A key with a meaning elsewhere is a letter here.
    press(&model, "q")
    #expect(model.shown.isEmpty && !model.isOver)
    model.press(.backspace, page: 5)
    model.press(.enter, page: 5)
    #expect(!model.isTyping && model.filter == "SDA")
    model.press(.escape, page: 5)
    #expect(model.filter.isEmpty && model.shown.count == 12)
  }

  @Test func `q leaves a view, then the program`() {
    var model = model()
    model.press(.down, page: 5)
    let name = model.markedMetric?.name ?? ""
    model.press(.enter, page: 5)
    #expect(model.view == .detail(name))
    press(&model, "q")
    #expect(model.view == .metrics && model.markedMetric?.name == name && !model.isOver)
    press(&model, "eq?qiq")
    #expect(model.view == .metrics && !model.isOver)
    press(&model, "q")
    #expect(model.isOver)
  }

  @Test func `keeps the history of a metric, without duplicating a sample`() {
    var model = model()
    let history = [Sample(timestamp: noon.advanced(by: .seconds(-60)), value: 1)]
    model.begin("metric01", with: history)
    model.take(snapshot())
    model.take(snapshot())
    #expect(model.course(of: "metric01")?.map(\.value) == [1, 10])
  }

  @Test func `keeps the band of each sample that it has seen`() {
    var model = model()
    model.begin("metric01", with: [Sample(timestamp: noon.advanced(by: .seconds(-60)), value: 1)])
    #expect(model.bands(of: "metric01").isEmpty)
    for step in 0..<3 {
      var next = snapshot()
      for index in next.metrics.indices {
        next.metrics[index].lastSeen = noon.advanced(by: .seconds(step / 2))
        next.metrics[index].upper = 11 + Double(step)
      }
      model.take(next)
    }
    #expect(model.bands(of: "metric01").map(\.upper) == [11, 13])
    #expect(model.bands(of: "metric01").map(\.at) == [noon, noon.advanced(by: .seconds(1))])
  }

  @Test func `a missing reply is reported and earlier data stays`() {
    var model = model()
    model.fail("anomalyd does not run")
    #expect(model.problem != nil && model.shown.count == 12)
    model.take(snapshot())
    #expect(model.problem == nil)
  }
}

@Suite struct TopScreenTests {
  private func screen(
    _ columns: Int, _ lines: Int, _ model: inout TopModel, _ style: Style = .plain
  ) -> [String] {
    TopScreen(columns: columns, lines: lines, style: style, host: "edge-7").draw(&model)
  }

  private func model() -> TopModel {
    var model = TopModel()
    model.take(TopModel.Snapshot(status: ill, metrics: topMetrics(60)))
    return model
  }

  @Test(arguments: [(20, 5), (40, 10), (80, 24), (200, 60), (301, 100)])
  func `every view fits any terminal`(_ columns: Int, _ lines: Int) {
    for keys in ["", "e", "i", "?", "/x", "/disk"] {
      var model = model()
      for key in keys { model.press(.character(key), page: 5) }
      let drawn = screen(columns, lines, &model)
      #expect(drawn.count == lines)
      if !["e", "i", "?"].contains(keys) {
        #expect(drawn.allSatisfy { Layout.columns($0) <= columns }, "\(keys)")
      }
    }
  }

  @Test func `shows problems, incidents, the marked metric and why it is anomalous`() {
    var model = model()
    let drawn = screen(120, 30, &model)
    #expect(drawn[0].hasPrefix("anomalyd 0.1.0 on edge-7, up 3d 4h"))
    #expect(
      drawn[1].hasPrefix(
        "1,000 metrics: 982 normal, 1 anomalous, 17 warming up (first ready in 14 min)"))
    #expect(drawn.contains { $0.hasPrefix("! input furnace: /var/log/furnace.csv") })
    #expect(drawn.contains { $0.hasPrefix("error: disk sda busy") })
    let marked = drawn.filter { $0.hasPrefix("> ") }
    #expect(marked.count == 1 && marked[0].contains("disk.sda.busy"))
    #expect(marked[0].contains("88.4  9 to 11"))
  }

  @Test func `the list scrolls with the mark`() {
    var model = model()
    for _ in 0..<40 { model.press(.down, page: 5) }
    let drawn = screen(80, 24, &model)
    #expect(drawn.contains { $0.hasPrefix("> \(model.markedMetric?.name ?? "?")") })
    #expect(model.first > 0)
    model.press(.end, page: 5)
    #expect(screen(80, 24, &model).contains { $0.hasPrefix("> metric58") })
  }

  @Test func `without colour nothing but text is drawn`() {
    var model = model()
    #expect(!screen(80, 24, &model).joined().contains("\u{1B}"))
    #expect(screen(80, 24, &model, Style(isEnabled: true)).joined().contains("\u{1B}[7m"))
  }
}

/// `disk.sda.busy`, which is anomalous, and metrics with ascending scores if their number is odd; the
/// even ones warm up.
private func topMetrics(_ count: Int) -> [MetricSummary] {
  (0..<count).map { index in
    let name = index == 0 ? "disk.sda.busy" : "metric\(index < 10 ? "0" : "")\(index)"
    let state = index == 0 ? "anomalous" : index % 2 == 0 ? "warming" : "normal"
    return message(
      """
      {"name": "\(name)", "state": "\(state)", "samples": 900, "gaps": 0, "lastSeen": "NOON",
       "value": \(index == 0 ? 88.4 : 10), "expected": 10, "lower": 9, "upper": 11,
       "score": \(index == 0 ? 4.2 : Double(index) / 10), "level": 0}
      """)
  }
}
