import FoundationEssentials
import Glibc
import Outbox
import Series
import Support
import System
import Testing

@Suite struct OutboxEntryTests {
  private static let id = "019aa2c4-5f10-7abc-8def-0123456789ab"

  static func entry(
    _ seconds: Double, _ step: OutboxEntry.Step = .opened, subject: String = "cpu.busy",
    event: String = id
  ) -> OutboxEntry {
    OutboxEntry(at: Timestamp(seconds: seconds), subject: subject, event: event, step: step)
  }

  @Test(arguments: OutboxEntry.Step.allCases, [-5.0, 0, 1_764_000_000.25])
  func `a file name contains the whole entry`(step: OutboxEntry.Step, seconds: Double) throws {
    let entry = Self.entry(seconds, step)
    #expect(OutboxEntry(fileName: entry.fileName) == entry)
  }

  @Test(arguments: [
    "", "x", ".json", "98-1-a-b-c-d-e-1-opened.json",
    "0000000000000000-0000000000000000-019aa2c4-5f10-7abc-8def-0123456789ab-2-opened.json",
    "0000000000000000-0000000000000000-019aa2c4-5f10-7abc-8def-0123456789ab-1-opened",
    "000000000000000+-0000000000000000-019aa2c4-5f10-7abc-8def-0123456789ab-1-opened.json",
    "0000000000000000-0000000000000000-../2c4-5f10-7abc-8def-0123456789ab-1-opened.json",
  ])
  func `rejects other names`(name: String) {
    #expect(OutboxEntry(fileName: name) == nil)
  }

  @Test func `names sort by time, and an old event's closing before a new one's opening`() {
    let next = "019aa2c4-6f10-7abc-8def-0123456789ab"
    let inOrder = [
      Self.entry(-1), Self.entry(10), Self.entry(11, .updated), Self.entry(12, .closed),
      Self.entry(12, .opened, event: next), Self.entry(13, .closed, event: next),
    ]
    #expect(inOrder.reversed().sorted() == inOrder)
    #expect(inOrder.map(\.fileName).reversed().sorted() == inOrder.map(\.fileName))
  }

  @Test func `a message's id consists of the event's id and the step`() {
    #expect(Self.entry(10).messageID == Self.id + "-opened-10000")
    #expect(Self.entry(12, .closed).messageID == Self.id + "-closed-12000")
    #expect(Self.entry(11, .updated).messageID == Self.id + "-updated-11000")
  }
}

@Suite struct OutboxFolderTests {
  @Test func `keeps an entry until it is removed`() throws {
    let scratch = Scratch()
    let folder = OutboxFolder(root: scratch.file("outbox"), name: "pager")
    try folder.make()
    try folder.make()
    let first = OutboxEntryTests.entry(1)
    let second = OutboxEntryTests.entry(2, .closed)
    try folder.write(second, [50])
    try folder.write(first, [49])
    try folder.write(first, [48])
    write("", atEndOf: folder.folder(.new) + "/stranger")
    #expect(try folder.entries(.new) == [first, second])
    #expect(folder.count(.new) == 2)
    #expect(try folder.read(first) == [48])
    #expect(folder.facts(first)?.bytes == 1)
    try folder.move(first, to: .failed)
    try folder.remove(second)
    try folder.remove(second)
    #expect(try folder.entries(.new).isEmpty)
    #expect(try folder.entries(.failed) == [first])
    #expect(try folder.read(first) == nil)
  }

  @Test func `a link in place of a file or directory is not followed`() throws {
    let scratch = Scratch()
    let folder = OutboxFolder(root: scratch.path, name: "pager")
    try folder.make()
    let entry = OutboxEntryTests.entry(1)
    write("precious", atEndOf: scratch.file("victim"))
    symlink(scratch.file("victim"), folder.path + "/tmp/" + entry.fileName)
    symlink(scratch.file("victim"), folder.folder(.new) + "/" + entry.fileName)
    try folder.write(entry, [48])
    #expect(contents(scratch.file("victim")) == "precious")
    try folder.remove(entry)
    symlink(scratch.file("victim"), folder.folder(.new) + "/" + entry.fileName)
    #expect(throws: FileError.self) { try folder.read(entry) }
    rmdir(folder.folder(.failed))
    symlink(scratch.path, folder.folder(.failed))
    #expect(throws: FileError.self) { try folder.entries(.failed) }
  }

  @Test func `the delivering program's group may change entries, but not the directory`() throws {
    let scratch = Scratch()
    let folder = OutboxFolder(root: scratch.file("outbox"), name: "pager")
    try folder.make()
    func mode(_ path: String) -> mode_t {
      var status = stat()
      return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
    }
    #expect(mode(folder.root) == 0o750)
    #expect(mode(folder.path) == 0o750)
    #expect(mode(folder.path + "/tmp") == 0o700)
    #expect(mode(folder.path + "/state") == 0o770)
    for part in OutboxFolder.Part.allCases { #expect(mode(folder.folder(part)) == 0o770) }
  }

  @Test func `reports what failed`() {
    let folder = OutboxFolder(root: "/dev/null/x", name: "pager")
    #expect {
      try folder.make()
    } throws: {
      "\($0)" == "/dev/null/x: mkdir failed: Not a directory"
    }
  }
}

@Suite struct DeliveryStateTests {
  @Test(arguments: [("-1e300", "0 ms"), ("0.25", "250 ms"), ("1e300", "1000000000000 ms")])
  func `an answer with any claimed duration has a sentence`(seconds: String, text: String) throws {
    let json = #"{"message":"a","at":1e300,"status":200,"body":"","seconds":\#(seconds)}"#
    let answer = try JSONDecoder().decode(DeliveryAnswer.self, from: Data(json.utf8))
    #expect(answer.sentence == "200 after \(text)")
  }

  @Test func `is read back as it was written`() throws {
    let scratch = Scratch()
    let folder = OutboxFolder(root: scratch.path, name: "pager")
    try folder.make()
    #expect(DeliveryState(of: folder) == nil)
    var state = DeliveryState()
    state.delivered = 3
    state.lastAnswer = DeliveryAnswer(
      message: "a", at: Timestamp(seconds: 1.5), status: 202,
      body: String(repeating: "x", count: 500), error: nil, seconds: 0.25)
    #expect(state.lastAnswer?.body.count == DeliveryAnswer.maximumBody)
    try state.save(to: folder)
    #expect(DeliveryState(of: folder) == state)
    // The daemon is neither its owner nor in its group.
    var status = stat()
    #expect(stat(folder.path + "/state/delivery.json", &status) == 0)
    #expect(status.st_mode & 0o777 == 0o644)
  }

  @Test(arguments: ["", "{", "[]", "{\"delivered\":\"x\"}", String(repeating: " ", count: 1 << 17)])
  func `garbage is ignored`(text: String) throws {
    let scratch = Scratch()
    let folder = OutboxFolder(root: scratch.path, name: "pager")
    try folder.make()
    write(text, atEndOf: folder.path + "/state/delivery.json")
    #expect(DeliveryState(of: folder) == nil)
  }

  @Test func `a ring is answered once`() throws {
    let scratch = Scratch()
    let bell = OutboxBell(root: scratch.path)
    #expect(!bell.answer())
    try bell.ring()
    try bell.ring()
    #expect(bell.answer())
    #expect(!bell.answer())
  }
}
