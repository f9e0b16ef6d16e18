internal import Glibc

/// The daemon's side of the control socket.
///
/// It never blocks and owns no loop: it tells a ``DescriptorPoller`` what it waits for, and is told
/// what is ready. Every buffer has a limit, and a client that breaks one is closed, counted, and
/// told of in a notice.
public final class ControlServer {
  /// How it is doing.
  public private(set) var health = ControlHealth()
  /// Where it listens.
  public let path: String

  private let identity: ServiceIdentity
  private let authority: ChangeAuthority
  private let limits: ControlLimits
  private let poller: any DescriptorPoller
  private var listener: ListeningSocket?
  private var listenerNumber: Int32
  private var isResting = false
  private var connections: [Int32: ControlConnection] = [:]
  private var notices: [String] = []

  /// The most replies that one turn of the loop makes for one client.
  private static let repliesPerTurn = 8
  private static let maximumNotices = 20

  /// Listens at `path` and begins to watch.
  /// - Parameter authority: who may change anything.
  public init(
    path: String,
    identity: ServiceIdentity,
    authority: ChangeAuthority = .ofHost(),
    limits: ControlLimits = ControlLimits(),
    poller: any DescriptorPoller
  ) throws(ControlServerError) {
    let listener = try ListeningSocket(path: path)
    self.path = path
    self.identity = identity
    self.authority = authority
    self.limits = limits
    self.poller = poller
    listenerNumber = listener.descriptor.number
    self.listener = consume listener
    poller.watch(listenerNumber, for: .read)
  }

  /// Does what can be done now for a descriptor that is ready; one that is not the server's, or no
  /// longer, is ignored.
  /// - Parameters:
  ///   - now: monotonic time since any origin, the same for all calls.
  ///   - handler: answers the calls.
  public func handle(
    _ descriptor: Int32,
    ready: Readiness,
    now: Duration,
    handler: some ControlHandler
  ) {
    if descriptor == listenerNumber {
      accept(now: now)
    } else if let connection = connections[descriptor] {
      serve(connection, ready: ready, now: now, handler: handler)
    }
  }

  /// Closes clients that are silent or slow; to be called about once a second.
  public func sweep(now: Duration) {
    for connection in connections.values {
      if connection.queuedBytes > 0 {
        if now - connection.lastTaken > limits.stall { close(connection, .slow) }
      } else if connection.stream == nil, now - connection.lastCall > limits.silence {
        close(connection, .silent)
      }
    }
    if isResting {
      isResting = false
      poller.watch(listenerNumber, for: .read)
    }
  }

  /// What a person should hear of since the last call, oldest first; empties the list.
  public func drainNotices() -> [String] {
    defer { notices = [] }
    return notices
  }

  /// Closes all clients and the socket, and removes its file.
  public func close() {
    for connection in connections.values { close(connection, nil) }
    guard let listener = listener.take() else { return }
    poller.unwatch(listenerNumber)
    listenerNumber = -1
    listener.close()
  }

  private func accept(now: Duration) {
    for _ in 0..<limits.clients {
      let number = Glibc.accept(listenerNumber, nil, nil)
      guard number >= 0 else {
        switch errno {
        case EINTR, ECONNABORTED: continue
        case EAGAIN: return
        default:
          // Out of descriptors or memory: the queue stays ready, so that watching it would spin.
          notice("cannot take a control client: \(SystemCode.words(for: errno)); trying again soon")
          isResting = true
          poller.watch(listenerNumber, for: [])
          return
        }
      }
      let descriptor = Descriptor(owning: number)
      descriptor.setUp()
      guard connections.count < limits.clients else {
        health.turnedAway += 1
        if health.turnedAway == 1 {
          notice("turned a control client away: \(limits.clients) are connected, the most allowed")
        }
        continue
      }
      health.accepted += 1
      let connection = ControlConnection(descriptor, limits: limits, now: now)
      connections[number] = connection
      health.clients = connections.count
      watch(connection)
    }
  }

  private func serve(
    _ connection: ControlConnection,
    ready: Readiness,
    now: Duration,
    handler: some ControlHandler
  ) {
    do throws(ControlCloseReason) {
      if ready.contains(.read), connection.wanted.contains(.read) { try connection.read() }
      try connection.flush(now: now)
      var replies = 0
      while replies < ControlServer.repliesPerTurn, connection.hasRoom,
        try answerNext(connection, now: now, handler: handler)
      {
        replies += 1
        try connection.flush(now: now)
      }
      if connection.endsInTheMiddle { throw ControlCloseReason.malformed }
      if connection.isDone { close(connection, nil) } else { watch(connection) }
    } catch .broken where connection.isFinished || ready == [.read, .write] {
      // Gone while replies were on their way, as a client does that has seen enough.
      close(connection, nil)
    } catch {
      close(connection, error)
    }
  }

  /// Goes on with a stream, or answers the next call.
  /// - Returns: whether there was anything to do.
  private func answerNext(
    _ connection: ControlConnection,
    now: Duration,
    handler: some ControlHandler
  ) throws(ControlCloseReason) -> Bool {
    if let stream = connection.stream {
      sendPage(of: stream, to: connection, now: now, handler: handler)
      return true
    }
    guard let bytes = connection.nextCall() else { return false }
    let header: CallHeader
    do {
      header = try Wire.header(of: bytes)
    } catch {
      throw .malformed
    }
    connection.lastCall = now
    health.calls += 1
    let more = header.more ?? false
    let answer = Dispatcher(
      identity: identity,
      limits: limits,
      caller: Caller(connection.peer, under: authority),
      handler: handler
    ).answer(header.method, bytes, more: more)
    switch answer {
    case .reply(let reply):
      // A caller of "oneway" wants no answer, not even an error.
      if !(header.oneway ?? false) { connection.enqueue(reply, now: now) }
    case .stream(let request):
      if !(header.oneway ?? false) { connection.stream = .init(request: request, cursor: 0) }
    case .failure(let error):
      health.errors += 1
      if !(header.oneway ?? false) { connection.enqueue(Wire.error(error), now: now) }
    }
    return true
  }

  private func sendPage(
    of stream: ControlConnection.Stream,
    to connection: ControlConnection,
    now: Duration,
    handler: some ControlHandler
  ) {
    connection.lastCall = now
    connection.stream = nil
    do {
      let page = try handler.listMetrics(
        stream.request,
        from: stream.cursor,
        limit: limits.metricsPerReply
      )
      let reply = MetricsReply(metrics: page.metrics)
      connection.enqueue(Wire.reply(reply, continues: page.next != nil) ?? [], now: now)
      if let next = page.next { connection.stream = .init(request: stream.request, cursor: next) }
    } catch {
      health.errors += 1
      connection.enqueue(Wire.error(error), now: now)
    }
  }

  private func watch(_ connection: ControlConnection) {
    let wanted = connection.wanted
    guard wanted != connection.watched else { return }
    connection.watched = wanted
    poller.watch(connection.descriptor.number, for: wanted)
  }

  private func close(_ connection: ControlConnection, _ reason: ControlCloseReason?) {
    let number = connection.descriptor.number
    poller.unwatch(number)
    connections[number] = nil
    health.clients = connections.count
    guard let reason else { return }
    health.closed[reason, default: 0] += 1
    let peer = connection.peer
    notice("closed the control client with pid \(peer.pid) of user \(peer.uid): \(reason)")
  }

  private func notice(_ text: String) {
    if notices.count < ControlServer.maximumNotices { notices.append(text) }
  }
}
