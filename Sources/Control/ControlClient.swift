internal import Glibc
internal import System

/// A connection to the daemon; waits for each reply, up to a timeout.
public final class ControlClient {
  /// The socket.
  public let path: String

  private let timeout: Duration
  private let descriptor: Descriptor
  private var input: [UInt8] = []

  /// The longest reply; the daemon's longest is a tenth of it.
  private static let maximumReply = 8 << 20

  /// Connects.
  /// - Parameters:
  ///   - trusted: the users whose daemon may answer (``ControlSocketPath``); nil: any, as the caller
  ///     chose the path.
  ///   - timeout: maximum time to wait for one reply.
  public init(
    path: String, trusted: Set<UInt32>? = nil, timeout: Duration = .seconds(5)
  ) throws(ControlClientError) {
    guard let address = UnixAddress(path: path) else {
      throw .system(operation: "connect to", path: path, errno: Errno(ENAMETOOLONG))
    }
    do throws(Errno) {
      descriptor = try Descriptor(unixSocket: .stream)
    } catch {
      throw .system(operation: "create a socket for", path: path, errno: error)
    }
    self.path = path
    self.timeout = timeout
    let deadline = ContinuousClock.now + timeout
    while true {
      do throws(Errno) {
        try address.connect(descriptor)
        break
      } catch ENOENT, ECONNREFUSED {
        throw .notRunning(path: path)
      } catch EACCES, EPERM {
        throw .permissionDenied(path: path, group: ControlClient.group(of: path))
      } catch EAGAIN {
        // The queue of the listening socket is full: there is nothing to poll for.
        guard ContinuousClock.now < deadline else { throw timedOut() }
        usleep(20_000)
      } catch {
        throw .system(operation: "connect to", path: path, errno: error)
      }
    }
    // For a listening socket the kernel reports the process that called listen(2).
    let peer = PeerCredentials(socket: descriptor.number)
    guard trusted?.contains(peer.uid) ?? true else {
      throw .stranger(path: path, user: peer.uid)
    }
  }

  /// Calls a method with several replies and passes them on as they arrive.
  func collect<P: CallParameters, R: Decodable>(
    _ method: String, _ parameters: P, each take: (R) -> Void
  ) throws(ControlClientError) {
    try send(method, parameters, more: true)
    while true {
      let (reply, continues) = try receive(R.self)
      take(reply)
      if !continues { return }
    }
  }

  /// Calls a method that streams (``ReplyStream``) and passes on its replies, without a timeout.
  /// - Parameters:
  ///   - interruptions: what ends the wait besides the daemon.
  ///   - take: receives a reply and returns whether to continue.
  func follow<P: CallParameters, R: Decodable>(
    _ method: String,
    _ parameters: P,
    until interruptions: [Interruption],
    each take: (R) -> Bool
  ) throws(ControlClientError) {
    try send(method, parameters, more: true)
    // A daemon that never stops sending must not prevent the caller from being interrupted.
    while !hasHappened(interruptions),
      let (reply, continues) = try receive(R.self, until: interruptions)
    {
      if !take(reply) || !continues { return }
    }
  }

  /// Calls a method with a single reply.
  func call<P: CallParameters, R: Decodable>(
    _ method: String,
    _ parameters: P
  ) throws(ControlClientError) -> R {
    try send(method, parameters, more: false)
    return try receive(R.self).0
  }

  private func send(
    _ method: String,
    _ parameters: some CallParameters,
    more: Bool
  ) throws(ControlClientError) {
    guard let bytes = Wire.call(method, parameters, more: more) else {
      throw .refused(.invalidParameter(method))
    }
    var rest = bytes[...]
    let deadline = ContinuousClock.now + timeout
    while !rest.isEmpty {
      switch descriptor.send(rest) {
      case .bytes(let count): rest = rest.dropFirst(count)
      case .blocked: _ = try wait(for: POLLOUT, until: deadline, or: [])
      case .ended, .failed(EPIPE), .failed(ECONNRESET): throw reasonForClosing()
      case .failed(let errno): throw .system(operation: "write to", path: path, errno: errno)
      }
    }
  }

  /// Why the daemon closed the connection before it read a call: it may have sent an error.
  private func reasonForClosing() -> ControlClientError {
    do throws(ControlClientError) {
      _ = try receive(NoParameters.self)
      return .closed(path: path)
    } catch {
      return error
    }
  }

  private func receive<R: Decodable>(
    _: R.Type
  ) throws(ControlClientError) -> (R, continues: Bool) {
    let deadline = ContinuousClock.now + timeout
    // Without interruptions this returns a reply or throws.
    guard let reply = try receive(R.self, deadline: deadline, until: []) else { throw timedOut() }
    return reply
  }

  /// - Returns: nil if it was interrupted.
  private func receive<R: Decodable>(
    _: R.Type,
    deadline: ContinuousClock.Instant? = nil,
    until interruptions: [Interruption]
  ) throws(ControlClientError) -> (R, continues: Bool)? {
    var scanned = 0
    while true {
      if let end = input[scanned...].firstIndex(of: Wire.terminator) {
        defer { input.removeSubrange(...end) }
        return try read(R.self, from: input[..<end])
      }
      scanned = input.count
      guard input.count < ControlClient.maximumReply else {
        throw .malformedReply(reason: "it is longer than \(ControlClient.maximumReply) bytes")
      }
      switch descriptor.receive(into: &input, limit: 64 << 10) {
      case .bytes: break
      case .blocked:
        if try !wait(for: POLLIN, until: deadline, or: interruptions) { return nil }
      case .ended, .failed(ECONNRESET): throw .closed(path: path)
      case .failed(let errno): throw .system(operation: "read from", path: path, errno: errno)
      }
    }
  }

  private func read<R: Decodable>(
    _: R.Type,
    from bytes: ArraySlice<UInt8>
  ) throws(ControlClientError) -> (R, continues: Bool) {
    let reply: (Result<R, ControlError>, continues: Bool)
    do {
      reply = try Wire.read(R.self, from: bytes)
    } catch {
      throw .malformedReply(reason: error.reason)
    }
    switch reply.0 {
    case .success(let parameters): return (parameters, reply.continues)
    case .failure(let error): throw .refused(error)
    }
  }

  private func hasHappened(_ interruptions: [Interruption]) -> Bool {
    guard !interruptions.isEmpty else { return false }
    var wanted = interruptions.map(\.wanted)
    return poll(&wanted, nfds_t(wanted.count), 0) > 0
  }

  /// - Parameter deadline: nil waits forever.
  /// - Returns: whether the socket is ready; if not, one of `interruptions` has happened.
  private func wait(
    for events: Int32,
    until deadline: ContinuousClock.Instant?,
    or interruptions: [Interruption]
  ) throws(ControlClientError) -> Bool {
    while true {
      var wanted = [pollfd(fd: descriptor.number, events: Int16(events), revents: 0)]
      wanted += interruptions.map(\.wanted)
      var milliseconds: Int32 = -1
      if let deadline {
        let (seconds, attoseconds) = (deadline - ContinuousClock.now).components
        guard seconds >= 0, attoseconds >= 0 else { throw timedOut() }
        // Rounded up, so that the last fraction of a millisecond does not spin.
        milliseconds = Int32(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1)
      }
      let count = poll(&wanted, nfds_t(wanted.count), milliseconds)
      if count > 0 { return wanted.dropFirst().allSatisfy { $0.revents == 0 } }
      if count == 0 { throw timedOut() }
      // Not `uninterrupted`: the remaining time has to be recomputed.
      guard errno == EINTR else {
        throw .system(operation: "wait for", path: path, errno: .last)
      }
    }
  }

  private func timedOut() -> ControlClientError {
    let (seconds, attoseconds) = timeout.components
    return .timedOut(path: path, seconds: Double(seconds) + Double(attoseconds) * 1e-18)
  }

  /// The group whose members may use the socket: the file's, or that of the directory that hides it.
  private static func group(of path: String) -> String? {
    var facts = stat()
    var candidate = path
    while stat(candidate, &facts) != 0 {
      guard let slash = candidate.lastIndex(of: "/"), slash != candidate.startIndex else {
        return nil
      }
      candidate = String(candidate[..<slash])
    }
    return getgrgid(facts.st_gid).map { String(cString: $0.pointee.gr_name) }
  }
}
