import Calendar
import Config
import Control
import Daemon
import Evaluation
import Events
import FoundationEssentials
import Inputs
import Monitor
import Outputs
import Series
import Support
import Testing

/// The same rows through a daemon that follows a CSV file, and through a replay.
@Suite struct ReplayParityTests {
  /// The file of the daemon's input, replayed.
  private final class Table: Recording {
    let name = "table"
    private let reader: CSVReader

    init(_ path: String) throws {
      reader = try CSVReader(path: path, table: TableSection())
    }

    func next() throws -> Timestamp? { try reader.next() ? reader.timestamp : nil }

    func deliver(at moment: Timestamp, into sink: InputSink) {
      reader.deliver(at: moment, into: sink)
    }
  }

  /// Four columns, one row every five minutes. Faults hit several columns at once, `d` is limited by a
  /// rule, cells of `c` are missing, hours are missing between two rows, and one row is late.
  private static let rows: [String] = {
    var random = UInt64(88_172_645_463_325_252)
    func noise() -> Double {
      random ^= random << 13
      random ^= random >> 7
      random ^= random << 17
      return Double(random >> 11) / Double(1 << 53) - 0.5
    }
    var rows: [String] = []
    for index in 0..<2_400 {
      let hole = index >= 900 ? 5 * 3600 : 0
      let moment = Timestamp(seconds: 1_700_000_000 + Double(index * 300 + hole))
      let base = 50 + 10 * abs(Double(index % 288) / 144 - 1)
      let fault = [700, 701, 1_300, 1_301, 1_500, 1_900].contains(index) ? 40.0 : 0
      let single = [1_000, 1_100, 1_200, 1_700, 1_750, 2_100].contains(index) ? 3.5 : 0
      let a = base + noise() + fault + single
      let b = 100 - base + noise() - fault
      let c = base / 2 + noise() + (index == 1_502 ? 30 : 0)
      let d = base + noise() + (index == 2_000 ? 30 : 0) - (index == 2_200 ? 30 : 0)
      let gap = (1_400..<1_420).contains(index)
      rows.append("\(moment.iso8601),\(a),\(b),\(gap ? "" : "\(c)"),\(d)\n")
    }
    rows.swapAt(1_600, 1_601)
    return rows
  }()

  private func moment(_ row: Int) -> String { String(Self.rows[row].prefix(24)) }

  private func stage() throws -> Stage {
    let stage = Stage()
    stage.settings.detector.alarmBudget = .host(alarms: 0.5, per: .seconds(86_400))
    var metric = MetricSection(pattern: try #require(Glob("table.d")))
    metric.direction = .low
    metric.severity = .critical
    stage.settings.metrics = [metric]
    var silence = SilenceSection(name: "maintenance")
    let text = String(moment(1_299).prefix(19)).replacing("T", with: " ") + " UTC"
    silence.schedule = [try CalendarExpression(parsing: text) { _ in nil }]
    silence.duration = .seconds(300 * 100)
    silence.metrics = ["table.a"]
    stage.settings.silences = [silence]
    write("time,a,b,c,d\n" + Self.rows.joined(), atEndOf: stage.csv)
    return stage
  }

  /// The steps of a replay: those that reach outputs, in the format of a file, and the number of
  /// muted ones.
  private func replay(
    _ path: String, _ settings: Settings, hostSeed: UInt64
  ) throws -> (lines: [String], muted: Int) {
    let silences = SilenceBook(local: .utc)
    settings.configure(silences, local: .utc)
    var replay = Replay(
      [try Table(path)], through: settings.makeMonitor(hostSeed: hostSeed, silences: silences))
    var lines: [String] = []
    var muted = 0
    while replay.next() {
      for step in replay.steps {
        switch step {
        case .incident(let transition): lines.append(try EventJSON(transition).line())
        case .event(let step) where step.mutedBy == nil:
          lines.append(try EventJSON(step.transition).line())
        case .event: muted += 1
        }
      }
    }
    return (lines, muted)
  }

  @Test func `a replay finds what the daemon finds: events, ids, scores, incidents, mutes`() throws
  {
    let stage = try stage()
    var hostSeed: UInt64 = 0
    let samples = (Self.rows.count - 1) * 4
    try stage.run(until: samples) { agent in
      hostSeed = agent.monitor.hostSeed
      return samples
    }
    let (lines, muted) = try replay(stage.csv, stage.settings, hostSeed: hostSeed)
    #expect(stage.lines == lines)
    #expect(try #require(stage.status).events.reduce(0) { $0 + $1.silenced } == muted)

    // The recording contains what is to be compared.
    #expect(stage.events.count >= 10)
    #expect(stage.incidents.count >= 6)
    #expect(
      stage.incidents.contains { $0.contains(#""metrics":2"#) || $0.contains(#""metrics":3"#) })
    #expect(muted >= 2)
    #expect(lines.contains { $0.contains(#""size":2"#) || $0.contains(#""size":3"#) })
    #expect(lines.contains { $0.contains(#""metric":"table.d""#) })
    #expect(
      !stage.events.contains { $0.contains(#""metric":"table.d""#) && !$0.contains(#""critical""#) }
    )
  }

  /// A job at three o'clock every night except the last ones, one row every five minutes.
  private static func nights(_ count: Int, missing: Int) -> [String] {
    (0..<(count * 288)).map { index in
      let moment = Timestamp(seconds: 1_699_920_000 + Double(index * 300))
      let isWorking = index / 288 < count - missing && (36..<40).contains(index % 288)
      let noise = Double(index &* 2_654_435_761 % 1000) / 500
      return "\(moment.iso8601),\((isWorking ? 80 : 10) + noise)\n"
    }
  }

  @Test func `a job that does not run is reported once, by a replay too`() throws {
    let rows = Self.nights(12, missing: 3)
    let stage = Stage()
    stage.settings.detector.alarmBudget = .samples(1000)
    // The daemon is killed while it waits for the job, and rereads the rows since its checkpoint.
    let (saved, killed) = (9 * 288 + 34, 9 * 288 + 38)
    write("time,busy\n" + rows[..<saved].joined(), atEndOf: stage.csv)
    var hostSeed: UInt64 = 0
    try stage.run(until: saved, ending: .kill) { agent in
      hostSeed = agent.monitor.hostSeed
      agent.checkpoints.saveNow()
      write(rows[saved..<killed].joined(), atEndOf: stage.csv)
      return killed
    }
    write(rows[killed...].joined(), atEndOf: stage.csv)
    try stage.run(until: rows.count - saved)
    let (lines, _) = try replay(stage.csv, stage.settings, hostSeed: hostSeed)
    #expect(stage.lines == lines)
    let missed = stage.events.filter { $0.contains(#""reason":"missed_visit""#) }
    #expect(missed.count == 2, "opened and closed")
    // Of the nine nights with a job, the detector is still learning in the first, and its score does not yet
    // reach the threshold in the second.
    #expect(
      missed.first?.contains("did not rise as usual (03:00 UTC, 7 times so far)") ?? false,
      "\(missed.first ?? "")")
  }

  @Test func `another budget, rule or silence makes a difference`() throws {
    let stage = try stage()
    let (lines, muted) = try replay(stage.csv, stage.settings, hostSeed: 1)
    var settings = stage.settings
    settings.detector.alarmBudget = .host(alarms: 0.01, per: .seconds(86_400))
    #expect(try replay(stage.csv, settings, hostSeed: 1).lines != lines)
    settings = stage.settings
    settings.metrics = []
    #expect(try replay(stage.csv, settings, hostSeed: 1).lines != lines)
    settings = stage.settings
    settings.silences = []
    let loud = try replay(stage.csv, settings, hostSeed: 1)
    #expect(loud.lines != lines)
    #expect(loud.muted == 0 && muted > 0)
    #expect(try replay(stage.csv, stage.settings, hostSeed: 2).lines != lines)
  }
}
