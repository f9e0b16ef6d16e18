import Glibc
import Series
import Store
import Support
import System
import Testing

/// Files planted where the daemon's state is.
@Suite struct PlantedStateTests {
  private let scratch = Scratch()
  private static let names = ["checkpoint", "checkpoint.old", "silences", "budget"]

  private func file(_ name: String) -> String { scratch.path + "/" + name }

  /// Puts a link to a valuable file, or a pipe, where the state would be.
  private func plant(_ name: String, isPipe: Bool) throws {
    if isPipe {
      #expect(mkfifo(file(name), 0o600) == 0)
    } else {
      #expect(symlink("precious", file(name)) == 0)
    }
  }

  @Test(arguments: [false, true])
  func `neither links nor pipes are read, and nothing waits for a writer`(isPipe: Bool) throws {
    let state = try scratch.open()
    try state.save([1, 2, 3], as: "precious")
    for name in Self.names { try plant(name, isPipe: isPipe) }
    for name in Self.names.dropFirst(2) {
      #expect(throws: StoreError.self, "\(name)") {
        try state.load(name, maximumBytes: 100)
      }
    }
    #expect(throws: StoreError.self) { try state.restore { _ in } }
    #expect(try state.load("precious", maximumBytes: 100)?.bytes == [1, 2, 3])
  }

  @Test func `writing replaces a link, not its target`() throws {
    let state = try scratch.open()
    try state.save([1, 2, 3], as: "precious")
    for name in ["checkpoint", "checkpoint.new", "silences", "silences.new"] {
      try plant(name, isPipe: false)
    }
    try state.save([4], as: "silences")
    try save(someRecords(7), in: state)
    #expect(try state.load("precious", maximumBytes: 100)?.bytes == [1, 2, 3])
    #expect(try state.load("silences", maximumBytes: 100)?.bytes == [4])
    #expect(try restore(state).records.count == 3)
  }

  @Test func `a lock that is a link is refused`() throws {
    #expect(mkdir(scratch.path, 0o700) == 0)
    write("precious", atEndOf: file("precious"))
    try plant("lock", isPipe: false)
    #expect(throws: StoreError.self) { _ = try scratch.open() }
    #expect(contents(file("precious")) == "precious")
  }

  @Test func `a log of events is not read through a link`() throws {
    let state = try scratch.open()
    try state.save([1, 2, 3], as: "precious")
    let name = "events-0000000000000001"
    try plant(name, isPipe: false)
    _ = try? EventHistory(in: state, maximumBytes: 1 << 20)
    #expect(try state.load("precious", maximumBytes: 100)?.bytes == [1, 2, 3])
  }
}
