/// How messages get from an output's outbox to its endpoint.
public struct DeliveryStatus: Codable, Equatable, Sendable {
  /// Messages that wait in the outbox.
  public var waiting: Int
  /// Messages that the endpoint took.
  public var delivered: Int
  /// Requests that were made.
  public var attempts: Int
  /// Requests that failed.
  public var failures: Int
  /// Messages that the endpoint will never take, since the outbox was made.
  public var refused: Int
  /// Those of them that are kept to be looked at.
  public var kept: Int
  /// Messages that waited for too long and were given up.
  public var expired: Int
  /// When the newest success was; nil if there was none.
  public var lastSuccessAt: Moment?
  /// What the endpoint said last, in words.
  public var lastAnswer: String?
  /// When that was.
  public var lastAnswerAt: Moment?
  /// When the next attempt is due after failures; nil where there were none.
  public var retryAt: Moment?
  /// Why nothing is sent until somebody changes something; nil where that is not so.
  public var stopped: String?
  /// Answers to the newest test messages, oldest first.
  public var tests: [TestAnswer]

  /// Delivery with these facts.
  public init(
    waiting: Int, delivered: Int, attempts: Int, failures: Int, refused: Int, kept: Int,
    expired: Int, lastSuccessAt: Moment?, lastAnswer: String?, lastAnswerAt: Moment?,
    retryAt: Moment?, stopped: String?, tests: [TestAnswer]
  ) {
    self.waiting = waiting
    self.delivered = delivered
    self.attempts = attempts
    self.failures = failures
    self.refused = refused
    self.kept = kept
    self.expired = expired
    self.lastSuccessAt = lastSuccessAt
    self.lastAnswer = lastAnswer
    self.lastAnswerAt = lastAnswerAt
    self.retryAt = retryAt
    self.stopped = stopped
    self.tests = tests
  }
}

/// What an endpoint said to a test message.
public struct TestAnswer: Codable, Equatable, Sendable {
  /// The message's id.
  public var message: String
  /// Whether it was taken.
  public var delivered: Bool
  /// The status code of HTTP; nil where there was no answer.
  public var status: Int?
  /// The beginning of the answer's body.
  public var body: String
  /// Why there was no answer; nil where there was one.
  public var error: String?
  /// How long it took.
  public let seconds: Double

  /// An answer with these facts.
  public init(
    message: String, delivered: Bool, status: Int?, body: String, error: String?, seconds: Double
  ) {
    self.message = message
    self.delivered = delivered
    self.status = status
    self.body = body
    self.error = error
    self.seconds = finite(seconds) ?? 0
  }
}

/// The reply of `TestOutput`: what was handed to the output.
public struct OutputTest: Codable, Equatable, Sendable {
  /// The ids of the messages that its endpoint will answer, in `Status` below `delivery`; empty for
  /// an output that has no endpoint.
  public var messages: [String]
  /// Whether the output took all of the test at once.
  public var taken: Bool
  /// Why it did not; nil where it did.
  public var error: String?

  /// A test with these facts.
  public init(messages: [String], taken: Bool, error: String?) {
    self.messages = messages
    self.taken = taken
    self.error = error
  }
}
