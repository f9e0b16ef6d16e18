import Monitor
import Series
import Store
import Testing

@Suite struct ModelLibraryTests {
  private let scratch = Scratch()

  private func moment(_ seconds: Int64) -> Timestamp {
    Timestamp(nanoseconds: seconds * 1_000_000_000)
  }

  private func payloads(_ library: ModelLibrary, _ name: String) throws -> [String: [UInt8]] {
    let reader = try library.open(name)
    #expect(try reader.verify { false })
    var found: [String: [UInt8]] = [:]
    while true {
      switch try reader.next(where: { _ in true }) {
      case .metric(let name, let payload): found[name] = payload
      case .other: continue
      case .end: return found
      }
    }
  }

  private func metrics(_ seed: UInt8) -> [CheckpointRecord] {
    [
      CheckpointRecord(kind: .metric, name: "a", payload: [seed]),
      CheckpointRecord(kind: .agent, name: "budget", payload: [0]),
      CheckpointRecord(kind: .metric, name: "b", payload: [seed, seed]),
    ]
  }

  @Test func `a scheduled snapshot is a checkpoint that outlives its successors`() throws {
    let state = try scratch.open()
    let library = ModelLibrary(in: state)
    #expect(library.keepOnSchedule(every: .seconds(100), now: moment(1)) == nil, "nothing to keep")
    try save(metrics(1), in: state, at: 10)
    let made = try #require(library.keepOnSchedule(every: .seconds(100), now: moment(20)))
    #expect(made.name == "auto-19700101T000010Z" && made.made == moment(10))
    #expect(made.origin == .schedule && made.bytes > 28)
    try save(metrics(2), in: state, at: 50)
    #expect(library.keepOnSchedule(every: .seconds(100), now: moment(60)) == nil, "not due")
    #expect(library.keepOnSchedule(every: .seconds(100), now: moment(120)) != nil)
    for seed in 3...5 { try save(metrics(UInt8(seed)), in: state, at: 200) }
    #expect(try payloads(library, made.name) == ["a": [1], "b": [1, 1]])
    #expect(ModelLibrary(in: state).snapshots == library.snapshots, "another run finds them")
    #expect(library.snapshots.map(\.made) == [moment(10), moment(50)])
    #expect(library.newest(before: moment(49))?.made == moment(10))
    #expect(library.newest(before: moment(9)) == nil)
  }

  @Test func `the snapshot for an incident is from before it began`() throws {
    let state = try scratch.open()
    let library = ModelLibrary(in: state)
    try save(metrics(1), in: state, at: 10)
    try save(metrics(2), in: state, at: 20)
    #expect(library.keepBeforeIncident(began: moment(15))?.made == moment(10))
    #expect(library.keepBeforeIncident(began: moment(25))?.made == moment(20))
    #expect(library.keepBeforeIncident(began: moment(26)) == nil, "it is there already")
    #expect(library.snapshots.allSatisfy { $0.origin == .incident })
  }

  @Test func `the oldest beyond the limit are deleted, named ones never`() throws {
    let state = try scratch.open()
    let library = ModelLibrary(in: state)
    for second in 1...4 {
      let name = second == 1 ? "mine" : nil
      let checkpoint = try state.beginBackgroundCheckpoint(
        at: moment(Int64(second)), snapshot: name)
      for record in metrics(UInt8(second)) {
        checkpoint.append(record.kind, name: record.name) { $0.write(raw: record.payload) }
      }
      checkpoint.finish()
      while checkpoint.outcome == nil {}
      checkpoint.cancel()
      if let name {
        library.add(name)
      } else {
        library.keepOnSchedule(every: .zero, now: moment(Int64(second)))
      }
    }
    let bytes = try #require(library.snapshots.last?.bytes)
    #expect(library.snapshots.map(\.origin) == [.user, .schedule, .schedule, .schedule])
    #expect(library.trim(to: 2 * bytes).map(\.made) == [moment(2)])
    #expect(library.trim(to: 0).map(\.made) == [moment(3), moment(4)])
    #expect(library.snapshots.map(\.name) == ["mine"])
    #expect(ModelLibrary(in: state).snapshots == library.snapshots)
    library.delete("mine")
    #expect(library["mine"] == nil && ModelLibrary(in: state).snapshots.isEmpty)
  }

  @Test func `a snapshot of some metrics is not a checkpoint`() throws {
    let state = try scratch.open()
    try save(metrics(1), in: state, at: 10)
    let part = try state.beginBackgroundCheckpoint(
      at: moment(20), snapshot: "part", isWhole: false)
    part.append(.metric, name: "a") { $0.write(UInt8(9)) }
    part.finish()
    while part.outcome == nil {}
    part.cancel()
    let library = ModelLibrary(in: state)
    #expect(try payloads(library, "part") == ["a": [9]])
    let (report, records) = try restore(state)
    #expect(records == metrics(1) && report?.made == moment(10))
  }

  @Test func `an unfinished one leaves nothing`() throws {
    let state = try scratch.open()
    let part = try state.beginBackgroundCheckpoint(
      at: moment(20), snapshot: "part", isWhole: false)
    part.append(.metric, name: "a") { $0.write(UInt8(9)) }
    part.cancel()
    #expect(ModelLibrary(in: state).snapshots.isEmpty)
  }

  @Test(arguments: [
    ("before-upgrade", true), ("a", true), ("2026.1_x", true), ("", false), ("a b", false),
    ("../x", false), (".x", false), ("-x", false), ("auto-1", false), ("incident-1", false),
    ("grün", false), (String(repeating: "x", count: 65), false),
  ])
  func `names are plain words that the daemon does not use itself`(name: String, isOne: Bool) {
    #expect(ModelLibrary.isName(name) == isOne)
  }

  @Test func `a file that is not a snapshot is left out, a damaged one is found when it is read`()
    throws
  {
    let state = try scratch.open()
    try save(metrics(1), in: state, at: 10)
    var bytes = try scratch.read("checkpoint")
    try scratch.write("snapshot.none", [1, 2, 3])
    try scratch.write("snapshot.cut", Array(bytes.dropLast(3)))
    bytes[bytes.count - 22] ^= 1
    try scratch.write("snapshot.flipped", bytes)
    let library = ModelLibrary(in: state)
    #expect(Set(library.snapshots.map(\.name)) == ["cut", "flipped"])
    #expect(throws: StoreError.self) { try library.open("cut").verify { false } }
    #expect(try payloads(library, "flipped").count == 1, "one of two payloads is damaged")
  }
}
