import Glibc
import Inputs
import Series
import Support
import Testing

/// Tables that another process writes and rotates at full speed; every line is read exactly once.
///
/// `ROTATION_STORM=FILES,ROTATIONS` in the environment sets the amount; it is small by default.
@Suite(.serialized) struct CSVRotationStormTests {
  private static let scale: (files: Int, rotations: Int) = {
    let parts = getenv("ROTATION_STORM").map { String(cString: $0).split(separator: ",") } ?? []
    let numbers = parts.compactMap { Int($0) }
    return numbers.count == 2 ? (numbers[0], numbers[1]) : (12, 25)
  }()

  @Test(arguments: ["rename", "dated", "copytruncate"])
  func `reads every line exactly once while files are rotated all the time`(mode: String) throws {
    let (files, rotations) = CSVRotationStormTests.scale
    let scratch = Scratch()
    let directory = scratch.file("tables")
    #expect(mkdir(directory, 0o700) == 0)
    let sink = StormSink(files: files, progress: scratch.file("progress"))
    var configuration = TableSection()
    configuration.paths = [directory + "/*.csv"]
    configuration.prefix = "{file}"
    let input = CSVInput(name: "storm", table: configuration)
    // Files that appear later are read completely, including parts rotated before they were seen.
    #expect(input.poll(now: .clock, into: sink) == .drained)
    let writer = try Child(
      "python3",
      [
        #filePath.replacing(
          "InputsTests/CSVRotationStormTests.swift", with: "Programs/rotating_writer.py"),
        directory, "\(files)", "\(rotations)", "5", mode, "7", scratch.file("progress"),
      ])
    var last: Int?
    let begin = ContinuousClock.now
    // Idle twice after the writer has finished: then nothing is left.
    var rests = 0
    while rests < 2 {
      if last == nil, let ended = writer.ended() { last = Int(ended) }
      let outcome = input.poll(now: .clock, into: sink)
      rests = last != nil && outcome == .drained ? rests + 1 : 0
      if sink.fault != nil { break }
    }
    if sink.fault != nil { kill(writer.pid, SIGKILL) }
    let written = writer.output().split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    #expect(last == 0)
    #expect(sink.fault == nil)
    #expect(written == sink.rows)
    // A row read twice goes back in time; a line cut in two is malformed.
    #expect(input.health.malformed == 0, "\(input.health.lastError ?? "")")
    #expect(input.health.refused == 0)
    if getenv("ROTATION_STORM") != nil {
      print(
        "\(mode): \(files) files, \(rotations) rounds, \(sink.rows.reduce(0, +)) rows in",
        ContinuousClock.now - begin)
    }
    for notice in input.drainNotices() where notice.severity == .warning {
      Issue.record("\(notice.text)")
    }
  }
}

/// Expects the numbers 0, 1, 2 and so on in each table, and tells the writer how many it has.
private final class StormSink: SampleSink {
  private var registry: MetricRegistry
  private var tables: [Int] = []
  private let progress: UnsafeMutablePointer<Int64>
  private(set) var rows: [Int]
  private(set) var fault: String?

  init(files: Int, progress path: String) {
    registry = MetricRegistry(capacity: files)
    rows = [Int](repeating: 0, count: files)
    let descriptor = open(path, O_RDWR | O_CREAT, 0o600)
    precondition(ftruncate(descriptor, 8 * files) == 0, "cannot make \(path)")
    let memory = mmap(nil, 8 * files, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    close(descriptor)
    progress = memory!.assumingMemoryBound(to: Int64.self)
  }

  func metric(named name: MetricName) -> MetricID? {
    guard let id = registry.register(name) else { return nil }
    if id.index == tables.count {
      tables.append(Int(name.text.filter { ("0"..."9").contains($0) }) ?? 0)
    }
    return id
  }

  func receive(_ sample: Sample, of metric: MetricID) {
    let table = tables[metric.index]
    if sample.value != Double(rows[table]), fault == nil {
      fault = "table \(table): expected \(rows[table]), found \(sample.value)"
    }
    rows[table] = Int(sample.value) + 1
    progress[table] = Int64(rows[table])
  }
}

extension Timestamp {
  /// The time of day: files have to be quiet for some time before they are dropped.
  fileprivate static var clock: Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }
}
