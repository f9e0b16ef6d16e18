internal import Glibc
internal import System

/// One client: its socket, its unanswered bytes, its unsent replies.
final class ControlConnection {
  let descriptor: Descriptor
  /// The peer's process and user at the time of connecting.
  let peer: PeerCredentials

  /// The reply being streamed.
  private(set) var stream: (any ReplyStream)?
  /// Whether the stream has caught up and has no part ready.
  private(set) var isWaiting = false
  /// Whether the client has closed its sending side.
  private(set) var isFinished = false
  /// When it connected or last completed a call.
  var lastCall: Duration
  /// When it last received bytes, or had an empty queue.
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

  /// Bytes queued for the client.
  var queuedBytes: Int { output.count - sent }

  /// Whether more may be queued: the client keeps up.
  var hasRoom: Bool { queuedBytes < limits.queuedBytes }

  /// What to watch it for.
  var wanted: Readiness {
    var wanted: Readiness = []
    let hasWork = stream != nil ? !isWaiting : hasCall
    if queuedBytes > 0 || hasWork { wanted.insert(.write) }
    // While a stream waits, only to notice a hang-up.
    let listens = stream == nil || isWaiting
    if !isFinished, listens, hasRoom, input.count < limits.callBytes { wanted.insert(.read) }
    return wanted
  }

  /// Starts streaming a reply.
  func begin(_ stream: any ReplyStream, now: Duration) {
    self.stream = stream
    isWaiting = false
    lastTaken = now
  }

  /// Notes whether the stream has no part ready.
  func wait(_ isWaiting: Bool, now: Duration) {
    self.isWaiting = isWaiting
    lastTaken = now
  }

  /// Whether there is something to send that the client does not receive. The kernel may block a
  /// stream before any of its bytes are queued here.
  var isOwed: Bool { queuedBytes > 0 || (stream != nil && !isWaiting) }

  /// Ends the stream, if there is one.
  func endStream() {
    stream?.end()
    stream = nil
    isWaiting = false
  }

  /// Whether nothing is left to send or to receive.
  var isDone: Bool { isFinished && queuedBytes == 0 && stream == nil && !hasCall }

  /// Whether a client that has finished left an incomplete call behind.
  var endsInTheMiddle: Bool { isFinished && !hasCall && !input.isEmpty }

  private var hasCall: Bool {
    scanned < input.count && input[scanned...].contains(Wire.terminator)
  }

  /// Reads once, within the size limit of a call.
  /// - Throws: why the client must be disconnected.
  func read() throws(ControlCloseReason) {
    let room = limits.callBytes - input.count
    guard room > 0, !isFinished else { return }
    switch descriptor.receive(into: &input, limit: min(room, 16 << 10)) {
    case .bytes:
      if input.count == limits.callBytes, !hasCall { throw .oversize }
    case .ended: isFinished = true
    case .blocked: break
    // A client that is killed with replies unread resets the connection: it left by itself.
    case .failed(ECONNRESET): isFinished = true
    case .failed: throw .broken
    }
  }

  /// Removes the next complete call from the bytes read; without its terminator.
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

  /// Sends as much of the queue as the client accepts.
  /// - Throws: why the client must be disconnected.
  func flush(now: Duration) throws(ControlCloseReason) {
    while queuedBytes > 0 {
      switch descriptor.send(output[sent...]) {
      case .bytes(let count):
        sent += count
        lastTaken = now
      case .blocked:
        // Sent bytes are removed once they make up most of the buffer, not each time.
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
