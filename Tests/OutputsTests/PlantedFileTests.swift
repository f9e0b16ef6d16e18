import Events
import Glibc
import Outputs
import Support
import Testing

/// Files planted by another user where a file output writes.
@Suite struct PlantedFileTests {
  let scratch = Scratch()
  private var path: String { scratch.file("events") }

  private func output() -> FileOutput { FileOutput(name: "log", path: path, clock: noTime) }

  @Test func `a file with a second name is not written to, until it has one name again`() {
    write("checkpoint", atEndOf: scratch.file("precious"))
    #expect(link(scratch.file("precious"), path) == 0)
    let output = output()
    output.emit(.opened(event()))
    #expect(contents(scratch.file("precious")) == "checkpoint")
    #expect(
      output.health.lastError?.hasSuffix(
        "events cannot be used, as the file has other names (hard links): Too many links") == true)
    #expect(output.health.waiting == 1)
    #expect(unlink(path) == 0)
    output.flush()
    #expect(output.health.waiting == 0)
    #expect(contents(scratch.file("precious")) == "checkpoint")
  }

  @Test(.enabled(if: Needs.root.isMet, "\(Needs.root)"))
  func `a link of another user is not followed, one of this user's is`() {
    write("checkpoint", atEndOf: scratch.file("precious"))
    #expect(symlink(scratch.file("precious"), path) == 0 && lchown(path, 65_534, 65_534) == 0)
    let output = output()
    output.emit(.opened(event()))
    #expect(contents(scratch.file("precious")) == "checkpoint")
    #expect(
      output.health.lastError?.contains("a symbolic link that belongs to another user") == true)
    #expect(unlink(path) == 0 && symlink(scratch.file("log"), path) == 0)
    output.flush()
    #expect(output.health.waiting == 0)
    #expect(contents(scratch.file("log")).hasSuffix("}\n"))
  }

  @Test func `a rotation renames links and never writes through them`() {
    write("checkpoint", atEndOf: scratch.file("precious"))
    #expect(symlink(scratch.file("precious"), path + ".1") == 0)
    var keeping = FileKeeping()
    keeping.maximumBytes = 1
    keeping.keptFiles = 2
    let output = FileOutput(name: "log", path: path, keeping: keeping, clock: noTime)
    for index in 0..<4 { output.emit(.opened(event(index))) }
    #expect(output.health.delivered == 4)
    #expect(contents(scratch.file("precious")) == "checkpoint")
  }
}
