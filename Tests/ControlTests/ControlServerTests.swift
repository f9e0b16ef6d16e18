import Control
import ControlSupport
import Glibc
import Series
import Testing

@Suite struct ControlServerTests {
  let folder = Folder()
  let loop = PollLoop()
  var handler = SampleHandler()

  func server(_ limits: ControlLimits = ControlLimits()) throws -> ControlServer {
    try ControlServer(
      path: folder.socket,
      identity: ServiceIdentity(
        vendor: "anomalyd",
        product: "anomalyd",
        version: "0.1.0",
        url: "man:anomalyd(8)"
      ),
      limits: limits,
      poller: loop
    )
  }

  @Test(arguments: [
    (
      #"{"method":"org.varlink.service.GetInfo"}"#,
      #"{"parameters":{"interfaces":["org.varlink.service","io.anomalyd"],"product":"anomalyd","#
        + #""url":"man:anomalyd(8)","vendor":"anomalyd","version":"0.1.0"}}"#
    ),
    (
      #"{"method":"org.varlink.service.GetInterfaceDescription","parameters":{"interface":"a.b"}}"#,
      #"{"error":"org.varlink.service.InterfaceNotFound","parameters":{"interface":"a.b"}}"#
    ),
    (
      #"{"method":"io.anomalyd.Nope","parameters":{}}"#,
      #"{"error":"org.varlink.service.MethodNotFound","parameters":{"method":"io.anomalyd.Nope"}}"#
    ),
    (
      #"{"method":"com.example.Nope"}"#,
      #"{"error":"org.varlink.service.InterfaceNotFound","#
        + #""parameters":{"interface":"com.example"}}"#
    ),
    (
      #"{"method":"io.anomalyd.ShowMetric","parameters":{"name":"nope"}}"#,
      #"{"error":"io.anomalyd.NoSuchMetric","parameters":{"name":"nope"}}"#
    ),
    (
      #"{"method":"io.anomalyd.ShowMetric"}"#,
      #"{"error":"org.varlink.service.InvalidParameter","parameters":{"parameter":"name"}}"#
    ),
    (
      #"{"method":"io.anomalyd.ShowMetric","parameters":{"name":7}}"#,
      #"{"error":"org.varlink.service.InvalidParameter","parameters":{"parameter":"name"}}"#
    ),
    (
      #"{"method":"io.anomalyd.ListMetrics","parameters":{"state":"ill"}}"#,
      #"{"error":"org.varlink.service.InvalidParameter","parameters":{"parameter":"state"}}"#
    ),
    (
      #"{"method":"io.anomalyd.ListMetrics","parameters":{"patern":"*"}}"#,
      #"{"error":"org.varlink.service.InvalidParameter","parameters":{"parameter":"patern"}}"#
    ),
    (
      #"{"method":"io.anomalyd.ListMetrics","parameters":[]}"#,
      #"{"error":"org.varlink.service.InvalidParameter","parameters":{"parameter":"parameters"}}"#
    ),
    (
      #"{"method":"io.anomalyd.ListMetrics","parameters":{"pattern":"["},"more":true}"#,
      #"{"error":"org.varlink.service.InvalidParameter","parameters":{"parameter":"pattern"}}"#
    ),
    (
      #"{"method":"io.anomalyd.ListMetrics","parameters":{"pattern":"m9"}}"#,
      #"{"parameters":{"metrics":[]}}"#
    ),
  ])
  func `answers each call as specified by the protocol`(call: String, reply: String) throws {
    let server = try server()
    let client = RawClient(folder.socket)
    client.call(call)
    loop.settle(server, handler)
    #expect(client.replies() == [reply])
  }

  @Test func `answers pipelined calls in order`() throws {
    let server = try server()
    let client = RawClient(folder.socket)
    let names = (0..<30).map { "x\($0)" }
    client.send(
      names.flatMap {
        Array(#"{"method":"io.anomalyd.ShowMetric","parameters":{"name":"\#($0)"}}"#.utf8) + [0]
      }
    )
    loop.settle(server, handler)
    #expect(
      client.replies()
        == names.map {
          #"{"error":"io.anomalyd.NoSuchMetric","parameters":{"name":"\#($0)"}}"#
        }
    )
    #expect(server.health.calls == 30)
    #expect(server.health.errors == 30)
  }

  @Test func `understands a call that arrives byte by byte`() throws {
    let server = try server()
    let client = RawClient(folder.socket)
    for byte in Array(#"{"method":"io.anomalyd.Nope"}"#.utf8) + [0] {
      client.send([byte])
      loop.settle(server, handler)
    }
    #expect(client.replies().count == 1)
    #expect(server.health.clients == 1)
  }

  @Test(arguments: [
    "GET / HTTP/1.1\r\n\r\n", "", "[]", "{}", #"{"method":3}"#, "\u{FFFD}", "nul", "deep array",
    "deep parameters",
  ])
  func `disconnects a client that sends garbage and serves the others`(kind: String) throws {
    let deep = String(repeating: "[", count: 60_000)
    let text = [
      "deep array": deep, "deep parameters": #"{"method":"x","parameters":"# + deep,
    ]
    let garbage = Array((text[kind] ?? kind).utf8) + [0]
    let server = try server()
    let bad = RawClient(folder.socket)
    let good = RawClient(folder.socket)
    bad.send(garbage)
    good.call(#"{"method":"io.anomalyd.Status"}"#)
    loop.settle(server, handler)
    #expect(bad.receive().closed)
    #expect(good.replies().count == 1)
    #expect(server.health.closed == [.malformed: 1])
    #expect(server.health.clients == 1)
    let notices = server.drainNotices()
    #expect(notices.count == 1)
    #expect(notices.first?.contains("pid \(getpid()) ") == true)
  }

  @Test func `disconnects a client whose call never ends`() throws {
    let server = try server()
    let client = RawClient(folder.socket)
    let flood = [UInt8](repeating: UInt8(ascii: " "), count: 4096)
    for _ in 0..<(2 * ControlLimits().callBytes / flood.count) {
      client.send(flood)
      loop.settle(server, handler)
    }
    #expect(client.receive().closed)
    #expect(server.health.closed == [.oversize: 1])
  }

  @Test func `accepts a call of exactly the maximum length`() throws {
    var limits = ControlLimits()
    let call = #"{"method":"io.anomalyd.Nope"}"#
    limits.callBytes = call.utf8.count + 1
    let server = try server(limits)
    let client = RawClient(folder.socket)
    client.call(call)
    client.call(call)
    loop.settle(server, handler)
    #expect(client.replies().count == 2)
  }

  @Test func `answers a client that has already shut down its side, then disconnects it`() throws {
    let server = try server()
    let client = RawClient(folder.socket)
    client.call(#"{"method":"io.anomalyd.Status"}"#)
    client.call(#"{"method":"io.anomalyd.ListMetrics","more":true}"#)
    client.finish()
    loop.settle(server, handler)
    let (bytes, closed) = client.receive()
    #expect(bytes.split(separator: 0).count == 2)
    #expect(closed)
    #expect(server.health.closed.isEmpty)
  }

  @Test func `counts a client that ends in the middle of a call`() throws {
    let server = try server()
    let client = RawClient(folder.socket)
    client.send(Array(#"{"method":"#.utf8))
    client.finish()
    loop.settle(server, handler)
    #expect(client.receive().closed)
    #expect(server.health.closed == [.malformed: 1])
  }

  @Test func `does not answer a oneway call`() throws {
    let server = try server()
    let client = RawClient(folder.socket)
    client.call(#"{"method":"io.anomalyd.Nope","oneway":true}"#)
    client.call(#"{"method":"io.anomalyd.Status","oneway":true}"#)
    client.call(#"{"method":"io.anomalyd.ListMetrics","oneway":true,"more":true}"#)
    client.call(#"{"method":"io.anomalyd.Last"}"#)
    loop.settle(server, handler)
    let replies = client.replies()
    #expect(replies.count == 1)
    #expect(replies.first?.contains("io.anomalyd.Last") == true)
    #expect(server.health.calls == 4)
  }

  @Test func `streams a long list in replies that announce the next one`() throws {
    let server = try server()
    var handler = handler
    handler.count = 1001
    let client = RawClient(folder.socket)
    client.call(#"{"method":"io.anomalyd.ListMetrics","parameters":{},"more":true}"#)
    client.call(#"{"method":"io.anomalyd.Nope"}"#)
    var replies: [String] = []
    while loop.turn(server, handler) { replies += client.replies() }
    #expect(replies.count == 7)
    #expect(replies.prefix(5).allSatisfy { $0.hasPrefix(#"{"continues":true,"#) })
    #expect(replies.dropFirst(5).first?.hasPrefix(#"{"parameters":{"metrics":[{"#) == true)
    #expect(replies.last?.contains("MethodNotFound") == true)
    let names = replies.joined().components(of: #""name":"m"#)
    #expect(names == 1001)
  }

  @Test func `rejects a call for a long list in one reply`() throws {
    let server = try server()
    var handler = handler
    handler.count = 1001
    let client = RawClient(folder.socket)
    client.call(#"{"method":"io.anomalyd.ListMetrics"}"#)
    loop.settle(server, handler)
    #expect(
      client.replies() == [#"{"error":"org.varlink.service.ExpectedMore","parameters":{}}"#]
    )
  }

  @Test func `lists a metric that is found late, over pages without any`() throws {
    let server = try server()
    var handler = handler
    handler.count = 9
    handler.effort = 2
    let client = RawClient(folder.socket)
    client.call(
      #"{"method":"io.anomalyd.ListMetrics","parameters":{"pattern":"m8"},"more":true}"#)
    client.call(#"{"method":"io.anomalyd.ListMetrics","parameters":{"pattern":"m8"}}"#)
    loop.settle(server, handler)
    let replies = client.replies()
    #expect(replies.count == 6)
    #expect(replies.prefix(4).allSatisfy { $0.hasSuffix(#""parameters":{"metrics":[]}}"#) })
    #expect(replies.suffix(2).allSatisfy { $0.contains(#""name":"m8""#) })
  }

  @Test func `stops answering a client that never reads, and disconnects it eventually`() throws {
    let server = try server()
    var handler = handler
    handler.count = 1000
    let client = RawClient(folder.socket)
    let call = Array(#"{"method":"io.anomalyd.ListMetrics"}"#.utf8) + [0]
    var sent = 0
    for _ in 0..<2000 {
      sent += client.send(call) / call.count
      loop.turn(server, handler, now: .seconds(1))
    }
    // Its own unread calls back up in the kernel, not in the server.
    #expect(server.health.calls < 10)
    #expect(sent > server.health.calls)
    server.sweep(now: .seconds(10))
    #expect(server.health.clients == 1)
    server.sweep(now: .seconds(12))
    #expect(server.health.clients == 0)
    #expect(server.health.closed == [.slow: 1])
    #expect(loop.watched.count == 1)
  }

  @Test func `delivers everything to a client that reads late but in time`() throws {
    let server = try server()
    var handler = handler
    handler.count = 500
    let client = RawClient(folder.socket)
    for _ in 0..<10 { client.call(#"{"method":"io.anomalyd.ListMetrics"}"#) }
    var bytes: [UInt8] = []
    var now = Duration.zero
    for _ in 0..<20_000 {
      loop.turn(server, handler, now: now)
      now += .milliseconds(1)
      bytes += client.receive().bytes
      if bytes.count(where: { $0 == 0 }) == 10 { break }
      server.sweep(now: now)
    }
    #expect(bytes.count(where: { $0 == 0 }) == 10)
    #expect(server.health.closed.isEmpty)
  }

  @Test func `disconnects an idle client, even if it drips bytes`() throws {
    let server = try server()
    let silent = RawClient(folder.socket)
    let dripping = RawClient(folder.socket)
    let busy = RawClient(folder.socket)
    for second in 0..<62 {
      dripping.send([UInt8(ascii: " ")])
      busy.call(#"{"method":"io.anomalyd.Nope"}"#)
      loop.settle(server, handler, now: .seconds(second))
      server.sweep(now: .seconds(second))
    }
    #expect(silent.receive().closed)
    #expect(dripping.receive().closed)
    #expect(busy.replies().count == 62)
    #expect(server.health.closed == [.silent: 2])
  }

  @Test func `rejects clients beyond the limit and accepts new ones when some have left`() throws {
    var limits = ControlLimits()
    limits.clients = 3
    let server = try server(limits)
    var clients = (0..<5).map { _ in RawClient(folder.socket) }
    loop.settle(server, handler)
    #expect(server.health.clients == 3)
    #expect(server.health.turnedAway == 2)
    #expect(clients[4].receive().closed)
    clients.removeAll()
    loop.settle(server, handler)
    #expect(server.health.clients == 0)
    let late = RawClient(folder.socket)
    late.call(#"{"method":"io.anomalyd.Status"}"#)
    loop.settle(server, handler)
    #expect(late.replies().count == 1)
  }

  /// A server that treats this process as an ordinary user's.
  func ordinaryServer(_ limits: ControlLimits) throws -> ControlServer {
    try ControlServer(
      path: folder.socket,
      identity: ServiceIdentity(vendor: "v", product: "p", version: "1", url: "u"),
      authority: ChangeAuthority(users: [], group: nil), limits: limits, poller: loop)
  }

  @Test(arguments: [(clients: 32, perUser: 3), (clients: 5, perUser: 32)])
  func `gives a user a share of the connections, and reports why others are refused`(
    clients: Int, perUser: Int
  ) throws {
    var limits = ControlLimits()
    (limits.clients, limits.clientsPerUser, limits.reservedClients) = (clients, perUser, 2)
    let server = try ordinaryServer(limits)
    let admitted = (0..<3).map { _ in RawClient(folder.socket) }
    let refused = (0..<12).map { _ in RawClient(folder.socket) }
    loop.settle(server, handler)
    #expect(server.health.clients == 3)
    #expect(server.health.turnedAway == 12)
    let reply = try #require(refused.first?.replies().first)
    #expect(reply.hasPrefix(#"{"error":"io.anomalyd.TooManyClients","parameters":{"reason":"#))
    #expect(reply.contains(perUser == 3 ? "has 3 connections" : "reserved for root"))
    #expect(refused[0].receive().closed)
    #expect(server.drainNotices().count == 1)
    admitted[2].call(#"{"method":"io.anomalyd.Status"}"#)
    loop.settle(server, handler)
    #expect(admitted[2].replies().count == 1)
  }

  @Test func `reserves connections for users who may make changes`() throws {
    var limits = ControlLimits()
    (limits.clients, limits.reservedClients) = (5, 2)
    // This process is the daemon's own user.
    let server = try server(limits)
    let clients = (0..<5).map { _ in RawClient(folder.socket) }
    withExtendedLifetime(clients) { loop.settle(server, handler) }
    #expect(server.health.clients == 5)
  }

  @Test func `survives a client that leaves with replies unread`() throws {
    let server = try server()
    do {
      let client = RawClient(folder.socket)
      for _ in 0..<50 { client.call(#"{"method":"io.anomalyd.Status"}"#) }
      loop.turn(server, handler)
    }
    loop.settle(server, handler)
    #expect(server.health.clients == 0)
    #expect(server.health.closed.isEmpty)
  }

  @Test func `survives mangled calls and continues serving`() throws {
    let server = try server()
    let whole = Array(
      (#"{"method":"io.anomalyd.ListMetrics","parameters":{"pattern":"m1","state":"normal"},"#
        + #""more":true,"oneway":false}"#).utf8)
    var random: UInt64 = 0x9E37_79B9_7F4A_7C15
    func next(_ bound: Int) -> Int {
      random ^= random << 13
      random ^= random >> 7
      random ^= random << 17
      return Int(random >> 1) % bound
    }
    for _ in 0..<400 {
      var call = whole
      for _ in 0..<(1 + next(4)) {
        switch next(3) {
        case 0: call[next(call.count)] = UInt8(next(256))
        case 1: call.remove(at: next(call.count))
        default: call.insert(call[next(call.count)], at: next(call.count))
        }
      }
      let client = RawClient(folder.socket)
      client.send(call + [0])
      client.finish()
      loop.settle(server, handler)
      let (bytes, closed) = client.receiveUntilClosed()
      #expect(closed)
      for reply in bytes.split(separator: 0) {
        _ = try JSONValue(parsing: String(decoding: reply, as: UTF8.self))
      }
    }
    #expect(server.health.clients == 0)
    #expect(server.health.accepted == 400)
    #expect(server.health.closed[.malformed, default: 0] > 100)
    #expect(server.health.calls > 20)
    // One for each kind, however often it happens; then a count once a minute.
    #expect(server.drainNotices().count == server.health.closed.count)
    server.sweep(now: .seconds(59))
    #expect(server.drainNotices() == [])
    server.sweep(now: .seconds(60))
    let malformed = server.health.closed[.malformed, default: 0]
    #expect(
      server.drainNotices().contains {
        $0.hasPrefix("\(malformed - 1) more control clients disconnected")
      })
    server.sweep(now: .seconds(120))
    #expect(server.drainNotices() == [])
  }

  @Test func `ignores a descriptor that is not its own`() throws {
    let server = try server()
    server.handle(9999, ready: [.read, .write], now: .zero, handler: handler)
    #expect(server.health == ControlHealth())
  }
}

extension String {
  /// How often `part` occurs.
  func components(of part: String) -> Int {
    var count = 0
    var rest = self[...]
    while let range = rest.firstRange(of: part) {
      count += 1
      rest = rest[range.upperBound...]
    }
    return count
  }
}
