public import Events
public import Series

/// One output.
public struct OutputStatus: Codable, Equatable, Sendable {
  /// The name of its section, such as `journal`.
  public var name: String
  /// Its type, such as `journal` or `file`.
  public var type: String
  /// Whether it works now; if false, `lastError` is the reason.
  public var healthy: Bool
  /// Events passed to it, openings and closes.
  public var emitted: Int
  /// Failed attempts.
  public var failed: Int
  /// Events waiting to be written.
  public var queued: Int
  /// Dropped events.
  public var dropped: Int
  /// The last error.
  public var lastError: String?
  /// Its time.
  public var lastErrorAt: Timestamp?
  /// The lowest severity of incidents that it is notified of; nil if it is notified of none, like a
  /// ping that only gets heartbeats.
  public var minimumSeverity: Severity?
  /// State of its delivery by anomalyd-webhook; nil for other types.
  public var delivery: DeliveryStatus?

  /// Creates a status.
  public init(
    name: String,
    type: String,
    healthy: Bool,
    emitted: Int,
    failed: Int,
    queued: Int,
    dropped: Int,
    lastError: String?,
    lastErrorAt: Timestamp?,
    minimumSeverity: Severity? = .info,
    delivery: DeliveryStatus? = nil
  ) {
    self.name = name
    self.type = type
    self.healthy = healthy
    self.emitted = emitted
    self.failed = failed
    self.queued = queued
    self.dropped = dropped
    self.lastError = lastError
    self.lastErrorAt = lastErrorAt
    self.minimumSeverity = minimumSeverity
    self.delivery = delivery
  }
}

/// State of delivery from an output's outbox to its endpoint.
public struct DeliveryStatus: Codable, Equatable, Sendable {
  /// Messages waiting in the outbox.
  public var waiting: Int
  /// Messages that the endpoint accepted.
  public var delivered: Int
  /// Requests made.
  public var attempts: Int
  /// Failed requests.
  public var failures: Int
  /// Messages that the endpoint rejected for good, since the outbox was created.
  public var refused: Int
  /// Those of them that are kept for inspection.
  public var kept: Int
  /// Messages discarded because they had waited too long.
  public var expired: Int
  /// Time of the last success; nil if there was none.
  public var lastSuccessAt: Timestamp?
  /// When the endpoint accepted the newest heartbeat (`Heartbeat=`); nil if it never did.
  public var lastHeartbeatAt: Timestamp?
  /// The endpoint's last answer.
  public var lastAnswer: String?
  /// Its time.
  public var lastAnswerAt: Timestamp?
  /// When the next attempt is due after failures; nil if there were none.
  public var retryAt: Timestamp?
  /// Why nothing is sent until the configuration changes; nil if sending is not stopped.
  public var stopped: String?
  /// Answers to the latest test messages, oldest first.
  public var tests: [TestAnswer]

  /// Creates a status.
  public init(
    waiting: Int, delivered: Int, attempts: Int, failures: Int, refused: Int, kept: Int,
    expired: Int, lastSuccessAt: Timestamp?, lastHeartbeatAt: Timestamp? = nil, lastAnswer: String?,
    lastAnswerAt: Timestamp?,
    retryAt: Timestamp?, stopped: String?, tests: [TestAnswer]
  ) {
    self.waiting = waiting
    self.delivered = delivered
    self.attempts = attempts
    self.failures = failures
    self.refused = refused
    self.kept = kept
    self.expired = expired
    self.lastSuccessAt = lastSuccessAt
    self.lastHeartbeatAt = lastHeartbeatAt
    self.lastAnswer = lastAnswer
    self.lastAnswerAt = lastAnswerAt
    self.retryAt = retryAt
    self.stopped = stopped
    self.tests = tests
  }
}

/// An endpoint's answer to a test message.
public struct TestAnswer: Codable, Equatable, Sendable {
  /// The message's id.
  public var message: String
  /// Whether it was accepted.
  public var delivered: Bool
  /// The HTTP status code; nil if there was no answer.
  public var status: Int?
  /// The beginning of the answer's body.
  public var body: String
  /// Why there was no answer; nil if there was one.
  public var error: String?
  /// How long it took.
  public let seconds: Double

  /// Creates an answer.
  public init(
    message: String, delivered: Bool, status: Int?, body: String, error: String?, seconds: Double
  ) {
    self.message = message
    self.delivered = delivered
    self.status = status
    self.body = body
    self.error = error
    self.seconds = seconds.ifFinite ?? 0
  }
}

/// The reply of `TestOutput`: what was passed to the output.
public struct OutputTest: Codable, Equatable, Sendable {
  /// The ids of the messages that its endpoint will answer, in `Status` under `delivery`; empty for
  /// an output without an endpoint.
  public var messages: [String]
  /// Whether the output accepted the whole test immediately.
  public var taken: Bool
  /// Why it did not; nil if it did.
  public var error: String?

  /// Creates a reply.
  public init(messages: [String], taken: Bool, error: String?) {
    self.messages = messages
    self.taken = taken
    self.error = error
  }
}
