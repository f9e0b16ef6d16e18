import Calendar
import Config
import Control
import Daemon
import Detection
import Evaluation
import Glibc
import Inputs
import Models
import Monitor
import Networks
import Outputs
import Series
import Support
import Testing

/// `[Model NAME]`: trained models in a daemon that follows a table.
@Suite struct TrainedModelTests {
  private static let rowCount = 2_400
  /// The rows in which the second column no longer follows the first, though each by itself is as
  /// before.
  private static let broken = 2_000..<2_120

  /// Rows five minutes apart, of a slow random walk and its double.
  private static func table(rows: Int, broken: Range<Int> = 0..<0, seed: UInt64) -> RecordedTable {
    var table = RecordedTable(name: "pair.csv", columns: ["a", "b"])
    var random = XorShift(seed: seed)
    var (walk, other) = (0.0, 0.0)
    for row in 0..<rows {
      table.append(at: Timestamp(seconds: 1_700_000_000 + 300 * Double(row)))
      walk = 0.9 * walk + random.gaussian()
      other = 0.9 * other + random.gaussian()
      table[row, 0] = 50 + walk
      table[row, 1] = 100 + 2 * (broken.contains(row) ? other : walk) + 0.05 * random.gaussian()
    }
    return table
  }

  /// A model of the two columns.
  private static func model(
    _ kind: any ModelKind.Type = WindowModel.self, seed: UInt64 = 1
  ) throws -> TrainedModel {
    var request = ModelTraining.Request(kind)
    request.plan.hidden = [8]
    request.plan.window = 4
    request.plan.horizon = 1
    request.plan.epochs = 10
    request.plan.seed = seed
    return try ModelTraining(request, [table(rows: 1_500, seed: 77)]).run(threads: 2) { _, _ in
    } proceed: { _ in
      true
    }
  }

  private static let rows: [String] = {
    let table = Self.table(rows: rowCount, broken: broken, seed: 5)
    return (0..<rowCount).map {
      "\(table.timestamps[$0].iso8601),\(table[$0, 0]),\(table[$0, 1])\n"
    }
  }()

  private func stage(_ bytes: [UInt8], rows: Range<Int> = 0..<rowCount) throws -> Stage {
    let stage = Stage()
    stage.settings.detector.alarmBudget = .host(alarms: 0.5, per: .seconds(86_400))
    write(bytes, to: stage.file("pair.model"))
    var section = ModelSection(name: "pair")
    section.file = stage.file("pair.model")
    section.metrics = ["table.a", "table.[b]"]
    stage.settings.models = [section]
    append(rows, to: stage)
    return stage
  }

  private func append(_ rows: Range<Int>, to stage: Stage) {
    let head = access(stage.csv, F_OK) == 0 ? "" : "time,a,b\n"
    Support.write(head + Self.rows[rows].joined(), atEndOf: stage.csv)
  }

  private func write(_ bytes: [UInt8], to path: String) {
    let file = fopen(path, "w")
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
  }

  private final class Table: Recording {
    let name = "table"
    private let reader: CSVReader

    init(_ path: String) throws { reader = try CSVReader(path: path, table: TableSection()) }
    func next() throws -> Timestamp? { try reader.next() ? reader.timestamp : nil }
    func deliver(at moment: Timestamp, into sink: InputSink) {
      reader.deliver(at: moment, into: sink)
    }
  }

  /// The notifications of a replay, in the format of a file.
  private func replay(_ stage: Stage, hostSeed: UInt64) throws -> [String] {
    let silences = SilenceBook(local: .utc)
    let monitor = stage.settings.makeMonitor(hostSeed: hostSeed, silences: silences)
    monitor.attach(try stage.settings.attachments())
    var replay = Replay([try Table(stage.csv)], through: monitor)
    var lines: [String] = []
    while replay.next() {
      for step in replay.steps {
        switch step {
        case .incident(let transition): lines.append(try EventJSON(transition).line())
        case .event(let step): lines.append(try EventJSON(step.transition).line())
        }
      }
    }
    return lines
  }

  @Test(arguments: ["forecaster", "autoencoder", "window"])
  func `alarms on anomalies that no single metric shows, as a replay does, across a restart`(
    kind: String
  ) throws {
    let bytes = try Self.model(#require(ModelKinds.named(kind))).bytes
    let stage = try stage(bytes, rows: 0..<1_003)
    var hostSeed: UInt64 = 0
    try stage.run(until: 3 * 1_003) { agent in
      hostSeed = agent.monitor.hostSeed
      return 3 * 1_003
    }
    append(1_003..<2_050, to: stage)
    try stage.run(until: 3 * 1_047)
    append(2_050..<Self.rowCount, to: stage)
    try stage.run(until: 3 * 350)
    #expect(stage.lines == (try replay(stage, hostSeed: hostSeed)))

    let opened = stage.events.filter { $0.contains(#""state":"opened""#) }
    let ofModel = opened.filter { $0.contains(#""metric":"model.pair""#) }
    let first = try #require(
      ofModel.first { $0.contains(#""began":"\#(Self.brokenDay)"#) }, "\(opened)")
    #expect(first.contains(#""columns":[{"metric":"table."#))
    #expect(first.contains("sees what it does not expect: table."))
    #expect(first.contains(#""reason":"row"#))
    #expect(ofModel.count <= 4, "\(ofModel)")
  }

  private static var brokenDay: String {
    String(Timestamp(seconds: 1_700_000_000 + 300 * Double(broken.lowerBound)).iso8601.prefix(10))
  }

  @Test func `status names the model, its columns and what is missing`() throws {
    let stage = try stage(Self.model().bytes, rows: 0..<300)
    stage.settings.models[0].metrics = ["table.a", "table.zz"]
    try stage.run(until: 900)
    let model = try #require(stage.status?.models?.first)
    #expect(model.name == "pair" && model.metric == "model.pair" && model.kind == "window")
    #expect(model.columns.map(\.metric) == ["table.a", nil])
    #expect(model.columns.map(\.isMissing) == [false, true])
    #expect(model.trainedInterval == 300)
  }

  @Test func `a model is listed with its training data, and its metric can be shown`() throws {
    let stage = try stage(Self.model().bytes, rows: 0..<300)
    try stage.run(until: 900) { agent in
      let page = try? agent.report.listModels("model.*", from: 0, limit: 10)
      #expect(page?.models.first?.kind == .rows && page?.models.first?.seen == 296)
      #expect(page?.models.first?.trained?.contains("window of 2 columns from ") == true)
      #expect((try? agent.report.showMetric("model.pair"))?.metric.samples == 300)
      return 900
    }
  }

  @Test
  func `a reload starts another model afresh, keeps the old one if the new is bad, and drops it`()
    throws
  {
    let stage = try stage(Self.model().bytes, rows: 0..<400)
    let path = stage.settings.models[0].file
    let other = try Self.model(seed: 2).bytes
    try stage.run(steps: [
      { $0.monitor.samples == 1_200 },
      { agent in
        agent.reload()
        #expect(agent.monitor[name("model.pair")]?.learning.seen == 396, "the same file")
        self.write(Array(other.dropLast(10)), to: path)
        agent.reload()
        #expect(agent.monitor[name("model.pair")]?.learning.seen == 396, "a damaged file")
        self.write(other, to: path)
        agent.reload()
        #expect(agent.monitor[name("model.pair")]?.learning.seen == 0, "another file")
        self.append(400..<410, to: stage)
        return true
      },
      { $0.monitor.samples == 1_230 },
      { agent in
        #expect(agent.monitor[name("model.pair")]?.learning.seen == 6)
        stage.settings.models = []
        agent.reload()
        #expect(agent.monitor[name("model.pair")] == nil)
        self.append(410..<420, to: stage)
        return true
      },
      { $0.monitor.samples == 1_250 },
    ])
    #expect(stage.log.contains { $0.contains("the model is damaged: expected") })
    #expect(stage.log.contains { $0.contains("[Model pair] has a different file or columns") })
  }

  @Test func `after a restart with another file it starts afresh, and status says why`() throws {
    let stage = try stage(Self.model().bytes, rows: 0..<400)
    try stage.run(until: 1_200)
    write(try Self.model(seed: 2).bytes, to: stage.settings.models[0].file)
    append(400..<401, to: stage)
    try stage.run(until: 3)
    let restored = try #require(stage.status?.checkpoint?.restored)
    #expect(restored.lost == 1 && restored.metrics == 2)
    #expect(
      restored.firstLost
        == "model.pair: it is the state of a different model file than the configured one")
    #expect(stage.status?.models?.first?.rows == 1)
  }

  @Test func `a problem of a model is reported with file and line`() throws {
    let scratch = Scratch()
    let model = try Self.model()
    let good = scratch.file("good.model")
    write(model.bytes, to: good)
    write(Array(model.bytes.dropLast()), to: scratch.file("short.model"))
    var newer = model.bytes
    newer[8] = 9
    write(newer, to: scratch.file("newer.model"))
    let large = scratch.file("large.model")
    var request = ModelTraining.Request(AutoencoderModel.self)
    request.plan.hidden = [128]
    request.plan.window = 256
    request.plan.epochs = 1
    request.plan.updates = 1
    let costly = try ModelTraining(request, [Self.table(rows: 700, seed: 3)]).run(threads: 2) {
      _, _ in
    } proceed: { _ in
      false
    }
    write(costly.bytes, to: large)
    for (file, metrics, line, text) in [
      (good, "table.a", 3, "expected 2 metrics, one for each column of the model (a, b), found 1"),
      (
        good, "table.a table.a", 3,
        "expected a different metric for each column, found table.a twice"
      ),
      (scratch.file("short.model"), "a b", 2, "short.model: the model is damaged: expected"),
      (scratch.file("newer.model"), "a b", 2, "newer.model: the model has format version 9"),
      (scratch.file("none.model"), "a b", 2, "none.model cannot be read: "),
      (scratch.file(""), "a b", 2, "cannot be read: "),
      (large, "a b", 2, "expected a model that takes at most"),
    ] {
      let path = scratch.file("anomalyd.conf")
      unlink(path)
      Support.write("[Model pair]\nFile=\(file)\nMetrics=\(metrics)\n", atEndOf: path)
      let refusals = try Settings.load(.all, configuration: path).allRefusals.map(\.description)
      let first = try #require(refusals.first)
      #expect(refusals.count == 1)
      #expect(first.hasPrefix("\(path):\(line): [Model pair] "), "\(first)")
      #expect(first.contains(text), "\(first)")
    }
  }

  @Test func `no input can use the metric of a model`() throws {
    let stage = try stage(Self.model().bytes, rows: 0..<1)
    let monitor = stage.settings.makeMonitor(hostSeed: 1, silences: SilenceBook(local: .utc))
    monitor.attach(try stage.settings.attachments())
    let sink = InputSink(monitor, input: "socket")
    let id = try #require(sink.metric(named: name("model.pair")))
    sink.receive(Sample(timestamp: Timestamp(seconds: 1), value: 1), of: id)
    #expect(sink.conflict?.owner == "[Model pair]")
    #expect(monitor.metrics.isEmpty)
  }
}
