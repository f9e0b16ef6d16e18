internal import Glibc

/// One client: its socket, its input, and its pending output.
final class ControlConnection {
  let descriptor: Descriptor
  /// Process and user at the other end when it connected.
  let peer: PeerCredentials

  /// The reply being streamed.
  private(set) var stream: (any ReplyStream)?
  /// Whether that has caught up and waits for news.
  private(set) var isWaiting = false
  /// Whether the client has closed its sending side.
  private(set) var isFinished = false
  /// When it connected or last completed a call.
  var lastCall: Duration
  /// When it last accepted bytes, or had none pending.
  private(set) var lastTaken: Duration
  /// The events watched by the loop.
  var watched: Readiness = []

  private let limits: ControlLimits
  private var input: [UInt8] = []
  private var scanned = 0
  private var output: [UInt8] = []
  private var sent = 0

  init(_ descriptor: consuming Descriptor, limits: ControlLimits, now: Duration) {
    peer = PeerCredentials(socket: descriptor.number)
    self.descriptor = descriptor
    self.limits = limits
    lastCall = now
    lastTaken = now
  }

  /// Bytes pending for the client.
  var queuedBytes: Int { output.count - sent }

  /// Whether more may be sent to the client: it keeps up.
  var hasRoom: Bool { queuedBytes < limits.queuedBytes }

  /// The events to wait for before there is anything to do.
  var wanted: Readiness {
    var wanted: Readiness = []
    let hasWork = stream != nil ? !isWaiting : hasCall
    if queuedBytes > 0 || hasWork { wanted.insert(.write) }
    // With an idle stream, only to notice that the client has gone.
    let listens = stream == nil || isWaiting
    if !isFinished, listens, hasRoom, input.count < limits.callBytes { wanted.insert(.read) }
    return wanted
  }

  /// Begins streaming a reply.
  func begin(_ stream: any ReplyStream, now: Duration) {
    self.stream = stream
    isWaiting = false
    lastTaken = now
  }

  /// The stream has nothing to send now, or has again.
  func wait(_ isWaiting: Bool, now: Duration) {
    self.isWaiting = isWaiting
    lastTaken = now
  }

  /// Whether there is output that the client does not accept. The system may hold back a stream
  /// before any of its bytes are pending here.
  var isOwed: Bool { queuedBytes > 0 || (stream != nil && !isWaiting) }

  /// Ends the stream, if there is one.
  func endStream() {
    stream?.end()
    stream = nil
    isWaiting = false
  }

  /// Whether nothing is left to send or receive.
  var isDone: Bool { isFinished && queuedBytes == 0 && stream == nil && !hasCall }

  /// Whether a client that has finished left an incomplete call.
  var endsInTheMiddle: Bool { isFinished && !hasCall && !input.isEmpty }

  private var hasCall: Bool {
    scanned < input.count && input[scanned...].contains(Wire.terminator)
  }

  /// Reads once what is available, within the limit of one call.
  /// - Throws: why the client must be closed.
  func read() throws(ControlCloseReason) {
    let room = limits.callBytes - input.count
    guard room > 0, !isFinished else { return }
    switch descriptor.read(into: &input, limit: min(room, 16 << 10)) {
    case .bytes:
      if input.count == limits.callBytes, !hasCall { throw .oversize }
    case .ended: isFinished = true
    case .blocked: break
    // A client killed with unread replies resets the connection; it has gone by itself.
    case .failed(ECONNRESET): isFinished = true
    case .failed: throw .broken
    }
  }

  /// Returns the next complete call without its terminator.
  func nextCall() -> ArraySlice<UInt8>? {
    guard let end = input[scanned...].firstIndex(of: Wire.terminator) else {
      scanned = input.count
      return nil
    }
    let call = input[..<end]
    input.removeSubrange(...end)
    scanned = 0
    return call
  }

  /// Appends a reply to the queue.
  func enqueue(_ reply: [UInt8], now: Duration) {
    if queuedBytes == 0 { lastTaken = now }
    output += reply
  }

  /// Sends what the client accepts.
  /// - Throws: why the client must be closed.
  func flush(now: Duration) throws(ControlCloseReason) {
    while queuedBytes > 0 {
      switch descriptor.write(output[sent...]) {
      case .bytes(let count):
        sent += count
        lastTaken = now
      case .blocked:
        // Sent bytes are removed once they are most of the buffer, not each time.
        if sent > output.count / 2 {
          output.removeSubrange(..<sent)
          sent = 0
        }
        return
      case .ended, .failed: throw .broken
      }
    }
    output.removeAll(keepingCapacity: output.capacity <= 64 << 10)
    sent = 0
  }
}

extension ControlCloseReason: Error {}
