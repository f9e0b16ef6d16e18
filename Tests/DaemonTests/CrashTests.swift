import Config
import Control
import Daemon
import Detection
import Events
import FoundationEssentials
import Glibc
import Outputs
import Series
import Store
import Support
import Testing

/// What happens to events when the daemon is killed.
@Suite struct CrashTests {
  @Test func `killed repeatedly, it emits each step once, under one id`() throws {
    let samples = wave(1_500)
    let whole = Stage()
    whole.append(samples)
    try whole.run(until: 1_500)
    let expected = whole.lines
    #expect(whole.events.count >= 4, "the series was to hold some events")
    #expect(whole.incidents.count >= 4)

    let cut = Stage()
    var (saved, fed) = (0, 0)
    // Where the state is saved, and where the daemon is killed after that.
    for (checkpoint, end) in [(350, 430), (430, 433), (433, 650), (650, 800), (801, 1_000)] {
      cut.append(samples[fed..<checkpoint])
      try cut.run(until: checkpoint - saved, ending: .kill) { agent in
        agent.checkpoints.saveNow()
        cut.append(samples[checkpoint..<end])
        return end - saved
      }
      (saved, fed) = (checkpoint, end)
    }
    // Twice without a checkpoint: everything since the last one comes three times.
    for end in [1_210, 1_300] {
      cut.append(samples[fed..<end])
      try cut.run(until: end - saved, ending: .kill)
      fed = end
    }
    cut.append(samples[fed...])
    try cut.run(until: 1_500 - saved)
    #expect(cut.lines == expected)
  }

  @Test func `steps that an output could not write are delivered after a crash, in order`() throws {
    let samples = wave(1_500)
    let whole = Stage()
    whole.append(samples)
    try whole.run(until: 1_500)

    let cut = Stage()
    mkdir(cut.file("events"), 0o700)
    cut.append(samples[..<1_000])
    try cut.run(until: 1_000, ending: .kill) { agent in
      agent.checkpoints.saveNow()
      #expect((agent.report.status().outputs.first?.queued ?? 0) > 0)
      cut.append(samples[1_000..<1_001])
      return 1_001
    }
    rmdir(cut.file("events"))
    cut.append(samples[1_001...])
    try cut.run(until: 500)
    #expect(cut.lines == whole.lines)
  }

  @Test func `killed between writing lines and noting that, it does not write them again`() throws {
    let samples = wave(1_500)
    let whole = Stage()
    whole.append(samples)
    try whole.run(until: 1_500)

    let cut = Stage()
    cut.append(samples[..<1_000])
    try cut.run(until: 1_000, ending: .kill) { agent in
      agent.checkpoints.saveNow()
      return 1_000
    }
    #expect(cut.lines.count > 2)
    // The last entry of the history says how far outputs have delivered.
    let path = cut.file("state/events-0000000000000001")
    let history = Array(try #require(FileManager.default.contents(atPath: path)))
    var (next, last) = (28, 28)
    while next < history.count {
      last = next
      next += 20 + history[last..<last + 4].reversed().reduce(0) { $0 << 8 + Int($1) }
    }
    #expect(truncate(path, last) == 0)
    cut.append(samples[1_000...])
    try cut.run(until: 500)
    #expect(cut.log.contains { $0.contains("missed step") })
    #expect(cut.lines == whole.lines)
  }

  @Test func `steps that it could not record are not written to a file again after a kill`() throws
  {
    let samples = wave(1_500)
    let whole = Stage()
    whole.append(samples)
    try whole.run(until: 1_500)

    let cut = Stage()
    let files = FileManager.default
    cut.append(samples[..<600])
    var (saved, half) = (0, 0)
    try cut.run(until: 600, ending: .kill) { agent in
      agent.checkpoints.saveNow()
      saved = cut.lines.count
      #expect((try? files.copyItem(atPath: cut.file("state"), toPath: cut.file("kept"))) != nil)
      cut.append(samples[600..<800])
      half = contents(cut.csv).utf8.count
      cut.append(samples[800..<1_200])
      return 1_200
    }
    #expect(cut.lines.count > saved + 3, "outputs are notified of what is not recorded")
    // As if nothing could have been written to the state directory since then.
    try files.removeItem(atPath: cut.file("state"))
    try files.moveItem(atPath: cut.file("kept"), toPath: cut.file("state"))
    // A checkpoint while rows are being reread does not end the recognition.
    #expect(truncate(cut.csv, half) == 0)
    try cut.run(until: 200) { agent in
      agent.checkpoints.saveNow()
      cut.append(samples[800..<1_000])
      return 400
    }
    cut.append(samples[1_000...])
    try cut.run(until: 500)
    #expect(cut.lines == whole.lines)
    try cut.run(until: 0) { agent in
      #expect(cut.recorded(by: agent) == Set(cut.ids), "and all of them are recorded")
      return 0
    }
  }

  @Test func `an event whose samples are gone is closed once its metric is back`() throws {
    let samples = wave(700)
    let stage = Stage()
    stage.append(samples[..<430])
    // The sample at 591 opens an event.
    try stage.run(until: 430, ending: .kill) { agent in
      agent.checkpoints.saveNow()
      stage.append(samples[430..<595])
      return 595
    }
    #expect(stage.steps == ["opened"])
    // Samples between the checkpoint and the crash do not come again.
    unlink(stage.csv)
    stage.append(samples[640...])
    try stage.run(until: 60) { agent in
      #expect(agent.report.status().openEvents.isEmpty)
      return 60
    }
    // It is one event, though the lost samples may make it look worse before it ends.
    #expect(stage.steps.first == "opened")
    #expect(stage.steps.last == "closed")
    #expect(stage.steps.dropFirst().dropLast().allSatisfy { $0 == "updated" })
    #expect(Set(stage.ids).count == 1)
    #expect(stage.incidentStates == ["opened", "closed"], "its incident, too")
    #expect(stage.log.contains { $0.contains("1 open event not in the saved state") })
  }

  @Test func `an event whose metric never returns is closed, with the reason`() throws {
    let samples = wave(700)
    let stage = Stage()
    stage.append(samples[..<430])
    try stage.run(until: 430, ending: .kill) { agent in
      agent.checkpoints.saveNow()
      stage.append(samples[430..<595])
      return 595
    }
    unlink(stage.csv)
    let start = Timestamp(seconds: 1.8e9)
    var now = start
    stage.clock = { now }
    try stage.run(until: 0) { agent in
      agent.keepHouse()
      #expect(stage.steps.last == "opened")
      now = start.advanced(by: .seconds(3700))
      agent.keepHouse()
      return 0
    }
    #expect(stage.steps == ["opened", "closed"])
    #expect(Set(stage.ids).count == 1)
    #expect(stage.events.last?.contains("was not seen again after the daemon was killed") == true)
  }
}

extension Stage {
  /// The ids of all recorded events.
  func recorded(by agent: Daemon) -> Set<String> {
    var ids: Set<String> = []
    guard let stream = try? agent.report.listEvents(EventListRequest()) else { return ids }
    while case .part(let reply, let continues)? = try? stream.next() {
      ids.formUnion((reply as? EventsReply)?.events.map(\.event.id.description) ?? [])
      if !continues { break }
    }
    return ids
  }

  /// The states of the steps of events in the file output.
  var steps: [String] { field("state", of: events) }
  /// Their ids.
  var ids: [String] { field("id", of: events) }
  /// The states of the steps of incidents.
  var incidentStates: [String] { field("state", of: incidents) }
  /// Their ids.
  var incidentIDs: [String] { field("id", of: incidents) }

  private func field(_ name: String, of lines: [String]) -> [String] {
    lines.map { line in
      let words = line.split(separator: "\"")
      return words.firstIndex(of: name[...]).map { String(words[$0 + 2]) } ?? ""
    }
  }
}
