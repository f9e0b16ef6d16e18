import Control
import ControlSupport
import Glibc
import Testing

@Suite struct ReplyStreamTests {
  let folder = Folder()
  let loop = PollLoop()
  let handler = SampleHandler()
  let tap = #"{"method":"io.anomalyd.Tap","more":true}"#

  func server(_ limits: ControlLimits = ControlLimits()) throws -> ControlServer {
    try ControlServer(
      path: folder.socket,
      identity: ServiceIdentity(vendor: "v", product: "p", version: "1", url: "u"),
      limits: limits,
      poller: loop
    )
  }

  @Test func `delivers later parts in order, without another call`() throws {
    let server = try server()
    let client = RawClient(folder.socket)
    client.call(tap)
    loop.settle(server, handler)
    #expect(client.replies().isEmpty)
    #expect(handler.source.open == 1)
    for round in 0..<3 {
      handler.source.push((0..<5).map { SampleSource.reply(Double(round * 5 + $0)) })
      loop.turn(server, handler)
      loop.settle(server, handler)
      let replies = client.replies()
      #expect(replies.count == 5)
      #expect(replies.allSatisfy { $0.hasPrefix(#"{"continues":true,"#) })
      #expect(replies.first?.contains(#""value":\#(round * 5)"#) == true)
    }
  }

  @Test func `costs nothing while it waits`() throws {
    let server = try server()
    let client = RawClient(folder.socket)
    client.call(tap)
    loop.settle(server, handler)
    let asked = handler.source.asked
    for _ in 0..<100 { #expect(!loop.turn(server, handler)) }
    #expect(handler.source.asked == asked)
  }

  @Test func `produces one part per iteration, so that others are served in between`() throws {
    let server = try server()
    let client = RawClient(folder.socket)
    let other = RawClient(folder.socket)
    handler.source.push((0..<20).map { SampleSource.reply(Double($0)) })
    client.call(tap)
    other.call(#"{"method":"io.anomalyd.Nope"}"#)
    var turns = 0
    while client.replies().isEmpty, turns < 10 {
      loop.turn(server, handler)
      turns += 1
    }
    #expect(handler.source.asked <= 2)
    loop.turn(server, handler)
    #expect(other.replies().count == 1)
    loop.settle(server, handler)
    #expect(client.replies().count >= 17)
  }

  @Test func `answers the next call when the stream has ended by itself`() throws {
    let server = try server()
    let client = RawClient(folder.socket)
    client.call(tap)
    client.call(#"{"method":"io.anomalyd.Nope"}"#)
    loop.settle(server, handler)
    #expect(client.replies().isEmpty)
    handler.source.push([SampleSource.reply(1), SampleSource.reply(2)], ends: true)
    loop.turn(server, handler)
    loop.settle(server, handler)
    let replies = client.replies()
    #expect(replies.count == 3)
    #expect(replies.dropFirst().first?.hasPrefix(#"{"parameters":"#) == true)
    #expect(replies.last?.contains("MethodNotFound") == true)
    #expect(handler.source.open == 0)
  }

  @Test func `reports the error that ends a stream, and continues with the client`() throws {
    let server = try server()
    let client = RawClient(folder.socket)
    client.call(tap)
    loop.settle(server, handler)
    handler.source.fail(.noSuchMetric("x"))
    loop.turn(server, handler)
    loop.settle(server, handler)
    #expect(
      client.replies() == [#"{"error":"io.anomalyd.NoSuchMetric","parameters":{"name":"x"}}"#])
    #expect(handler.source.open == 0)
    #expect(server.health.errors == 1)
    client.call(#"{"method":"io.anomalyd.Status"}"#)
    loop.settle(server, handler)
    #expect(client.replies().count == 1)
  }

  @Test(arguments: [true, false])
  func `ends when its client disconnects`(whileItWaits: Bool) throws {
    let server = try server()
    do {
      let client = RawClient(folder.socket)
      client.call(tap)
      loop.settle(server, handler)
      #expect(handler.source.open == 1)
      if !whileItWaits { handler.source.push((0..<50).map { SampleSource.reply(Double($0)) }) }
    }
    loop.turn(server, handler)
    loop.settle(server, handler)
    #expect(handler.source.open == 0)
    #expect(server.health.clients == 0)
    #expect(server.health.closed.isEmpty)
    #expect(loop.watched.count == 1)
  }

  @Test func `continues for a client that has shut down its side`() throws {
    let server = try server()
    let client = RawClient(folder.socket)
    client.call(tap)
    client.finish()
    loop.settle(server, handler)
    handler.source.push([SampleSource.reply(1)])
    loop.turn(server, handler)
    loop.settle(server, handler)
    #expect(client.replies().count == 1)
    #expect(handler.source.open == 1)
  }

  @Test func `requests no more of a stream than its client reads, and waits long for that`() throws
  {
    let server = try server()
    let client = RawClient(folder.socket)
    client.call(tap)
    handler.source.push((0..<20_000).map { SampleSource.reply(Double($0)) })
    loop.settle(server, handler)
    let asked = handler.source.asked
    #expect(asked > 10)
    #expect(asked < 10_000)
    server.sweep(now: .seconds(590))
    #expect(server.health.clients == 1)
    server.sweep(now: .seconds(601))
    #expect(server.health.closed == [.slow: 1])
    #expect(handler.source.open == 0)
    #expect(client.replies().count <= asked)
  }

  @Test func `is not disconnected while it is idle`() throws {
    let server = try server()
    let client = RawClient(folder.socket)
    client.call(tap)
    loop.settle(server, handler)
    server.sweep(now: .seconds(3600))
    #expect(server.health.clients == 1)
    #expect(!client.receive().closed)
  }

  @Test func `is not started for a call that expects one answer, or none`() throws {
    let server = try server()
    let client = RawClient(folder.socket)
    client.call(#"{"method":"io.anomalyd.Tap"}"#)
    client.call(#"{"method":"io.anomalyd.Tap","more":true,"oneway":true}"#)
    client.call(#"{"method":"io.anomalyd.Tap","parameters":{"pattern":"["},"more":true}"#)
    loop.settle(server, handler)
    let replies = client.replies()
    #expect(replies.count == 2)
    #expect(replies.first?.contains("ExpectedMore") == true)
    #expect(replies.last?.contains("InvalidParameter") == true)
    #expect(handler.source.open == 0)
  }

  @Test func `ends with the server`() throws {
    let server = try server()
    let client = RawClient(folder.socket)
    client.call(tap)
    loop.settle(server, handler)
    server.close()
    #expect(handler.source.open == 0)
    #expect(client.receive().closed)
  }
}
