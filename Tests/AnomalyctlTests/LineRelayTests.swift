import Glibc
import Support
import Synchronization
import Testing
import anomalyctl

/// `send --lines` over a pipe, to sockets that come and go.
@Suite struct LineRelayTests {
  let folder = Scratch()
  let notes = Notes()

  final class Notes: Sendable {
    private let texts = Mutex<[String]>([])
    func add(_ text: String) { texts.withLock { $0.append(text) } }
    var all: [String] { texts.withLock { $0 } }
  }

  /// A relay in a thread of its own, and the writing end of its pipe.
  final class Feed {
    private let ends: [Int32]
    private let thread: TestThread

    init(_ path: String, patience: Duration = .seconds(20), _ notes: Notes) {
      var ends: [Int32] = [-1, -1]
      precondition(pipe(&ends) == 0, "no pipe")
      self.ends = ends
      let source = ends[0]
      thread = TestThread {
        do {
          var relay = try LineRelay(to: path, patience: patience) { notes.add($0) }
          try relay.run(from: source)
        } catch {
          notes.add("\(error)")
        }
        close(source)
      }
    }

    func write(_ text: String) {
      _ = Array(text.utf8).withUnsafeBytes { Glibc.write(ends[1], $0.baseAddress, $0.count) }
    }

    func end() {
      close(ends[1])
      thread.join()
    }
  }

  private var path: String { folder.path + "/metrics.sock" }

  private func next(_ socket: UnixDatagrams) -> String? {
    var text: String?
    eventually {
      text = socket.receive()
      return text != nil
    }
    return text
  }

  @Test func `a line is sent when it arrives, not when a datagram is full`() {
    let socket = UnixDatagrams(at: path)
    let feed = Feed(path, notes)
    feed.write("a:1|g\nb:2|g\nc:")
    #expect(next(socket) == "a:1|g\nb:2|g")
    feed.write("3|g\nd:4|g")
    #expect(next(socket) == "c:3|g")
    feed.end()
    #expect(next(socket) == "d:4|g")
    #expect(notes.all.isEmpty)
  }

  @Test func `lines wait for a daemon that restarts`() {
    var socket: UnixDatagrams? = UnixDatagrams(at: path)
    let feed = Feed(path, notes)
    feed.write("a:1|g\n")
    #expect(socket.flatMap { next($0) } == "a:1|g")
    socket = nil
    unlink(path)
    feed.write("b:2|g\n")
    usleep(150_000)  // more than one attempt in vain
    let later = UnixDatagrams(at: path)
    #expect(next(later) == "b:2|g")
    feed.end()
    #expect(notes.all.isEmpty)
  }

  @Test func `a daemon that stays away loses lines, which are counted`() {
    var socket: UnixDatagrams? = UnixDatagrams(at: path)
    let feed = Feed(path, patience: .zero, notes)
    feed.write("a:1|g\n")
    #expect(socket.flatMap { next($0) } == "a:1|g")
    socket = nil
    unlink(path)
    feed.write("b:2|g\nc:3|g\n")
    eventually { notes.all.count == 1 }
    let later = UnixDatagrams(at: path)
    feed.write("d:4|g\n")
    #expect(next(later) == "d:4|g")
    feed.end()
    #expect(notes.all.count == 2)
    #expect(notes.all.first?.contains("lines are dropped until the daemon listens") == true)
    #expect(notes.all.last == "anomalyctl: the daemon is listening again; 2 lines lost\n")
  }

  @Test func `malformed lines are sent and reported, the first ones individually`() {
    let socket = UnixDatagrams(at: path)
    let feed = Feed(path, notes)
    feed.write("a:1|g\n# comment\nnonsense\n" + String(repeating: "b:x|g\n", count: 20))
    feed.end()
    #expect(next(socket)?.contains("nonsense") == true)
    #expect(notes.all.count == 12)
    #expect(
      notes.all[0]
        == "anomalyctl: line 3: expected name:value|type (StatsD) or name field=value (line "
        + "protocol), found neither\n")
    #expect(notes.all[1] == "anomalyctl: line 4: expected a number, found \"x\"\n")
    #expect(notes.all.last == "anomalyctl: 21 of 23 lines were malformed\n")
  }

  @Test func `a line without an end is not kept in memory`() {
    let socket = UnixDatagrams(at: path)
    let feed = Feed(path, notes)
    let part = String(repeating: "x", count: 1_000)
    for _ in 0..<100 { feed.write(part) }
    feed.write("\na:1|g\n")
    feed.end()
    #expect(next(socket)?.prefix(80) == "a:1|g")
    #expect(
      notes.all == [
        "anomalyctl: line 1: expected at most 65536 bytes, found more; skipping the line\n"
      ])
  }
}
