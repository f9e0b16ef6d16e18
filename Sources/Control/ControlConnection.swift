internal import Glibc

/// One client: its socket, what it has sent, what waits for it.
final class ControlConnection {
  let descriptor: Descriptor
  /// Process and user on the other side when it connected.
  let peer: PeerCredentials

  /// The reply that is being streamed.
  private(set) var stream: (any ReplyStream)?
  /// Whether that has caught up and waits for something to say.
  private(set) var isWaiting = false
  /// Whether the client has said all it wants to say.
  private(set) var isFinished = false
  /// When it connected or last completed a call.
  var lastCall: Duration
  /// When it last took bytes, or had nothing to take.
  private(set) var lastTaken: Duration
  /// What the loop watches it for.
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

  /// Bytes that wait for the client.
  var queuedBytes: Int { output.count - sent }

  /// Whether the client may be given more: it takes what it is given.
  var hasRoom: Bool { queuedBytes < limits.queuedBytes }

  /// What to wait for before there is anything to do.
  var wanted: Readiness {
    var wanted: Readiness = []
    let hasWork = stream != nil ? !isWaiting : hasCall
    if queuedBytes > 0 || hasWork { wanted.insert(.write) }
    // Beside a stream that waits, only to hear that the client has gone.
    let listens = stream == nil || isWaiting
    if !isFinished, listens, hasRoom, input.count < limits.callBytes { wanted.insert(.read) }
    return wanted
  }

  /// Begins to stream a reply.
  func begin(_ stream: any ReplyStream, now: Duration) {
    self.stream = stream
    isWaiting = false
    lastTaken = now
  }

  /// The stream has nothing to say now, or has again.
  func wait(_ isWaiting: Bool, now: Duration) {
    self.isWaiting = isWaiting
    lastTaken = now
  }

  /// Whether there is something for the client that it does not take. The system may hold back a
  /// stream before any of its bytes waits here.
  var isOwed: Bool { queuedBytes > 0 || (stream != nil && !isWaiting) }

  /// Ends the stream, if there is one.
  func endStream() {
    stream?.end()
    stream = nil
    isWaiting = false
  }

  /// Whether nothing is left to say or to hear.
  var isDone: Bool { isFinished && queuedBytes == 0 && stream == nil && !hasCall }

  /// Whether a client that has finished left a piece of a call behind.
  var endsInTheMiddle: Bool { isFinished && !hasCall && !input.isEmpty }

  private var hasCall: Bool {
    scanned < input.count && input[scanned...].contains(Wire.terminator)
  }

  /// Reads once what is there, within the limit of one call.
  /// - Throws: why the client must be closed.
  func read() throws(ControlCloseReason) {
    let room = limits.callBytes - input.count
    guard room > 0, !isFinished else { return }
    switch descriptor.read(into: &input, limit: min(room, 16 << 10)) {
    case .bytes:
      if input.count == limits.callBytes, !hasCall { throw .oversize }
    case .ended: isFinished = true
    case .blocked: break
    // A client that is killed with replies unread resets; it has gone by itself.
    case .failed(ECONNRESET): isFinished = true
    case .failed: throw .broken
    }
  }

  /// Takes the next complete call from what has been read, without its terminator.
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

  /// Puts a reply at the end of the queue.
  func enqueue(_ reply: [UInt8], now: Duration) {
    if queuedBytes == 0 { lastTaken = now }
    output += reply
  }

  /// Gives the client what it takes.
  /// - Throws: why the client must be closed.
  func flush(now: Duration) throws(ControlCloseReason) {
    while queuedBytes > 0 {
      switch descriptor.write(output[sent...]) {
      case .bytes(let count):
        sent += count
        lastTaken = now
      case .blocked:
        // What has been taken is dropped once it is most of the buffer, not each time.
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
