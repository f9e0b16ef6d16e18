internal import Glibc
internal import System

/// The daemon's side of the control socket.
///
/// It never blocks and owns no loop: a ``DescriptorPoller`` watches its descriptors and reports
/// which are ready. Every buffer has a limit; a client that exceeds one is disconnected, counted,
/// and reported in a notice. Each user has a share of the connections, and some are reserved for
/// those who may make changes, so that nobody can lock them out.
public final class ControlServer {
  /// Its counters.
  public private(set) var health = ControlHealth()
  /// The path of its socket.
  public let path: String

  private let identity: ServiceIdentity
  private let authority: ChangeAuthority
  private let limits: ControlLimits
  private let poller: any DescriptorPoller
  private var listener: ListeningSocket?
  private var listenerNumber: Int32
  private var isResting = false
  private var connections: [Int32: ControlConnection] = [:]
  private var notices = ControlNotices()
  /// How many streams had no part ready when last polled.
  private var waitingStreams = 0

  /// Maximum number of replies to one client per iteration of the loop.
  private static let repliesPerTurn = 8

  /// Listens at `path` and starts watching.
  /// - Parameter authority: who may make changes.
  public init(
    path: String,
    identity: ServiceIdentity,
    authority: ChangeAuthority = .ofHost(),
    limits: ControlLimits = ControlLimits(),
    poller: any DescriptorPoller
  ) throws(ControlServerError) {
    let listener = try ListeningSocket(path: path, admins: authority.group)
    self.path = path
    self.identity = identity
    self.authority = authority
    self.limits = limits
    self.poller = poller
    listenerNumber = listener.descriptor.number
    self.listener = consume listener
    poller.watch(listenerNumber, for: .read)
  }

  /// Serves a descriptor that is ready; ignores descriptors that are not, or no longer, the
  /// server's.
  /// - Parameters:
  ///   - now: monotonic time, with the same origin in all calls.
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

  /// Resumes waiting streams that have a part ready now; call it after each iteration of the loop.
  public func resumeStreams(now: Duration) {
    guard waitingStreams > 0 else { return }
    for connection in connections.values
    where connection.isWaiting && connection.stream?.isReady == true {
      resume(connection, now: now)
    }
  }

  /// Disconnects clients that are idle or slow; call it about once a second.
  public func sweep(now: Duration) {
    notices.settle(now: now)
    for connection in connections.values {
      if connection.isOwed {
        let patience = connection.stream == nil ? limits.stall : limits.streamStall
        if now - connection.lastTaken > patience { close(connection, .slow, now: now) }
      } else if !connection.isWaiting, now - connection.lastCall > limits.silence {
        close(connection, .silent, now: now)
      }
    }
    if isResting {
      isResting = false
      poller.watch(listenerNumber, for: .read)
    }
  }

  /// The notices since the last call, oldest first; empties the list.
  public func drainNotices() -> [String] {
    notices.drain()
  }

  /// Disconnects all clients, closes the socket and removes its file.
  public func close() {
    for connection in connections.values { disconnect(connection) }
    guard let listener = listener.take() else { return }
    poller.unwatch(listenerNumber)
    listenerNumber = -1
    listener.close()
  }

  private func accept(now: Duration) {
    for _ in 0..<limits.clients {
      let number: Int32
      do throws(Errno) {
        number = try uninterrupted { Glibc.accept(listenerNumber, nil, nil) }
      } catch ECONNABORTED {
        continue
      } catch EAGAIN {
        return
      } catch {
        // Out of descriptors or memory: the queue stays ready, so watching it would spin.
        notices.add(
          .cannotAccept, now: now, "cannot accept a control client: \(error); trying again soon")
        isResting = true
        poller.watch(listenerNumber, for: [])
        return
      }
      let descriptor = Descriptor(owning: number)
      descriptor.setUp()
      let connection = ControlConnection(descriptor, limits: limits, now: now)
      if let reason = reasonToReject(connection.peer) {
        reject(connection, reason, now: now)
        continue
      }
      health.accepted += 1
      connections[number] = connection
      health.clients = connections.count
      watch(connection)
    }
  }

  /// Why a peer is refused a connection; nil if it is accepted.
  private func reasonToReject(_ peer: PeerCredentials) -> String? {
    // Nobody can lock out root and the daemon's own user.
    if !authority.users.contains(peer.uid) {
      let own = connections.values.count { $0.peer.uid == peer.uid }
      if own >= limits.clientsPerUser {
        return "user \(peer.uid) has \(own) connections, the maximum for one user"
      }
    }
    let maximum = limits.clients - (authority.permits(peer) ? 0 : limits.reservedClients)
    guard connections.count >= maximum else { return nil }
    return "\(connections.count) clients are connected, "
      + (maximum < limits.clients
        ? "the rest is reserved for root and the group '\(ChangeAuthority.groupName)'"
        : "the maximum")
  }

  /// Tells a client why its connection is refused; the connection is closed afterwards, when it
  /// goes out of scope.
  private func reject(_ connection: ControlConnection, _ reason: String, now: Duration) {
    health.turnedAway += 1
    connection.enqueue(Wire.error(.tooManyClients(reason)), now: now)
    // A new socket has room for this; if not, the client sees the connection closed.
    try? connection.flush(now: now)
    let peer = connection.peer
    notices.add(
      .rejected, now: now,
      "rejected a control client with pid \(peer.pid) of user \(peer.uid): \(reason)")
  }

  private func serve(
    _ connection: ControlConnection,
    ready: Readiness,
    now: Duration,
    handler: some ControlHandler
  ) {
    // A client with a waiting stream is not watched for writing: if it is ready for it, it has hung
    // up.
    if connection.isWaiting, ready.contains(.write), !connection.watched.contains(.write) {
      return disconnect(connection)
    }
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
      try connection.flush(now: now)
      if connection.endsInTheMiddle { throw ControlCloseReason.malformed }
      if connection.isDone { disconnect(connection) } else { watch(connection) }
    } catch .broken where connection.isFinished || ready == [.read, .write] {
      // Disconnected while replies were in flight, like a client that has seen enough.
      disconnect(connection)
    } catch {
      close(connection, error, now: now)
    }
  }

  /// Continues a stream, or answers the next call.
  /// - Returns: whether to continue in this iteration.
  private func answerNext(
    _ connection: ControlConnection,
    now: Duration,
    handler: some ControlHandler
  ) throws(ControlCloseReason) -> Bool {
    if connection.stream != nil {
      advanceStream(of: connection, now: now)
      return false
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
      // A "oneway" call gets no reply, not even an error.
      if !(header.oneway ?? false) { connection.enqueue(reply, now: now) }
    case .stream(let stream):
      // Without a reader, not even the first part is produced.
      if header.oneway ?? false { stream.end() } else { connection.begin(stream, now: now) }
    case .failure(let error):
      health.errors += 1
      if !(header.oneway ?? false) { connection.enqueue(Wire.error(error), now: now) }
    }
    return true
  }

  private func resume(_ connection: ControlConnection, now: Duration) {
    setWaiting(connection, false, now: now)
    do throws(ControlCloseReason) {
      advanceStream(of: connection, now: now)
      try connection.flush(now: now)
      watch(connection)
    } catch {
      // Disconnected while its stream had nothing to send.
      disconnect(connection)
    }
  }

  /// Sends the next part of a stream.
  private func advanceStream(of connection: ControlConnection, now: Duration) {
    guard let stream = connection.stream else { return }
    connection.lastCall = now
    do throws(ControlError) {
      switch try stream.next() {
      case .later: setWaiting(connection, true, now: now)
      case .part(let parameters, let continues):
        connection.enqueue(Wire.reply(parameters, continues: continues) ?? [], now: now)
        if !continues { connection.endStream() }
      }
    } catch {
      health.errors += 1
      connection.endStream()
      connection.enqueue(Wire.error(error), now: now)
    }
  }

  private func setWaiting(_ connection: ControlConnection, _ isWaiting: Bool, now: Duration) {
    guard connection.isWaiting != isWaiting else { return }
    waitingStreams += isWaiting ? 1 : -1
    connection.wait(isWaiting, now: now)
  }

  private func watch(_ connection: ControlConnection) {
    let wanted = connection.wanted
    guard wanted != connection.watched else { return }
    connection.watched = wanted
    poller.watch(connection.descriptor.number, for: wanted)
  }

  /// Closes a connection for a reason that the user should know.
  private func close(
    _ connection: ControlConnection, _ reason: ControlCloseReason, now: Duration
  ) {
    disconnect(connection)
    health.closed[reason, default: 0] += 1
    let peer = connection.peer
    notices.add(
      .closed(reason), now: now,
      "disconnected the control client with pid \(peer.pid) of user \(peer.uid): \(reason)")
  }

  private func disconnect(_ connection: ControlConnection) {
    let number = connection.descriptor.number
    poller.unwatch(number)
    if connection.isWaiting { waitingStreams -= 1 }
    connection.endStream()
    connections[number] = nil
    health.clients = connections.count
  }
}
