import Glibc
import Outbox
import Series
import Support
import System
import Testing

/// Files that the delivery program's user could plant in an outbox, whose parts it may write to.
@Suite struct PlantedFileTests {
  private let scratch = Scratch()
  private let entry = OutboxEntry(
    at: Timestamp(seconds: 1_700_000_000), subject: "cpu.busy",
    event: "019aa2c4-5f10-7abc-8def-0123456789ab", step: .opened)

  private func folder() throws -> OutboxFolder {
    let folder = OutboxFolder(root: scratch.file("outbox"), name: "hook")
    try folder.make()
    write("precious", atEndOf: scratch.file("precious"))
    return folder
  }

  private func plant(at path: String) {
    #expect(symlink(scratch.file("precious"), path) == 0)
  }

  @Test func `a message replaces a link and is not written through it`() throws {
    let folder = try folder()
    plant(at: folder.path + "/new/" + entry.fileName)
    plant(at: folder.path + "/tmp/" + entry.fileName)
    try folder.write(entry, Array("message".utf8))
    #expect(contents(scratch.file("precious")) == "precious")
    #expect(try folder.read(entry) == Array("message".utf8))
  }

  @Test func `a link in place of a message is not read`() throws {
    let folder = try folder()
    plant(at: folder.path + "/failed/" + entry.fileName)
    #expect(throws: FileError.self) { try folder.read(entry, .failed) }
  }

  @Test func `a pipe in place of a message or of the state does not block`() throws {
    let folder = try folder()
    #expect(mkfifo(folder.path + "/new/" + entry.fileName, 0o600) == 0)
    #expect(throws: FileError.self) { try folder.read(entry) }
    #expect(mkfifo(folder.path + "/state/delivery.json", 0o600) == 0)
    #expect(DeliveryState(of: folder) == nil)
  }

  @Test func `the state of delivery is neither read nor written through a link`() throws {
    let folder = try folder()
    plant(at: folder.path + "/state/delivery.json")
    plant(at: folder.path + "/state/delivery.json.new")
    #expect(DeliveryState(of: folder) == nil)
    try DeliveryState().save(to: folder)
    #expect(contents(scratch.file("precious")) == "precious")
    #expect(DeliveryState(of: folder) == DeliveryState())
  }

  @Test func `a part that is a link to another folder is not used`() throws {
    let folder = try folder()
    #expect(mkdir(scratch.file("elsewhere"), 0o700) == 0)
    for part in ["new", "state"] {
      #expect(rmdir(folder.path + "/" + part) == 0)
      #expect(symlink(scratch.file("elsewhere"), folder.path + "/" + part) == 0)
    }
    #expect(throws: FileError.self) { try folder.write(entry, [1]) }
    #expect(throws: FileError.self) { try DeliveryState().save(to: folder) }
    #expect(try Directory(scratch.file("elsewhere")).names().isEmpty)
  }

  @Test func `a bell that is a link neither creates nor touches its target`() throws {
    let root = scratch.file("outbox")
    #expect(mkdir(root, 0o700) == 0)
    let bell = OutboxBell(root: root)
    try bell.ring()
    #expect(bell.answer())
    #expect(symlink(scratch.file("created"), bell.path) == 0)
    #expect(throws: FileError.self) { try bell.ring() }
    #expect(access(scratch.file("created"), F_OK) != 0)
  }

  @Test(arguments: [
    String(repeating: "[", count: 60_000), String(repeating: #"{"a":"#, count: 10_000),
    #"{"tests":"# + String(repeating: "[", count: 60_000), "\u{0}", "",
  ])
  func `an invalid delivery state is ignored, however deeply nested`(text: String) throws {
    let folder = try folder()
    write(text, atEndOf: folder.path + "/state/delivery.json")
    #expect(DeliveryState(of: folder) == nil)
  }
}
