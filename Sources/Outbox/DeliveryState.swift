import FoundationEssentials
import Glibc
public import Series

/// The state of delivery to one endpoint, written by the delivery program and read by the daemon.
public struct DeliveryState: Codable, Equatable, Sendable {
  /// Identifies the configuration that this state belongs to; compared only for equality.
  public var settings = ""
  /// Messages that the endpoint accepted.
  public var delivered = 0
  /// Requests made.
  public var attempts = 0
  /// Failed requests.
  public var failures = 0
  /// Messages that the endpoint rejected for good; the newest of them are kept in `failed`.
  public var setAside = 0
  /// Messages discarded because they had waited too long.
  public var expired = 0
  /// Time of the last success, in seconds since 1970.
  public var lastSuccessAt: Double?
  /// The endpoint's last answer.
  public var lastAnswer: DeliveryAnswer?
  /// The last failure, in words.
  public var lastError: String?
  /// Its time, in seconds since 1970.
  public var lastErrorAt: Double?
  /// Failures since the last success.
  public var failuresInARow = 0
  /// When the next attempt is due, in seconds since 1970; nil if none is planned.
  public var retryAt: Double?
  /// Why nothing is sent until the configuration changes; nil if sending is not stopped.
  public var stopped: String?
  /// Whether sending stopped because the endpoint reported that it is gone.
  public var isGone = false
  /// Answers to test messages, oldest first, at most ``maximumTests``.
  public var tests: [DeliveryAnswer] = []

  /// The maximum number of test answers kept.
  public static let maximumTests = 8
  private static let maximumBytes = 1 << 16

  /// The initial state.
  public init() {}

  /// The last state written by the outbox's delivery program; nil if there is none, or it cannot be
  /// read.
  public init?(of folder: OutboxFolder) {
    guard let state = try? FolderHandle(folder.path + "/state"),
      let bytes = try? state.readFile("delivery.json", maximumBytes: DeliveryState.maximumBytes),
      let decoded = try? JSONDecoder().decode(DeliveryState.self, from: Data(bytes))
    else { return nil }
    self = decoded
  }

  /// Replaces the stored state atomically but without syncing: after a power failure the counters
  /// may be slightly old.
  public func save(to folder: OutboxFolder) throws(OutboxError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let state = try FolderHandle(folder.path + "/state")
    guard let data = try? encoder.encode(self) else {
      throw OutboxError("written", state.path + "/delivery.json", EINVAL)
    }
    try state.writeFile("delivery.json.tmp", Array(data), mode: 0o644, syncs: false)
    guard renameat(state.raw, "delivery.json.tmp", state.raw, "delivery.json") == 0 else {
      throw OutboxError("written", state.path + "/delivery.json")
    }
  }
}

/// An endpoint's answer to one message.
public struct DeliveryAnswer: Codable, Equatable, Sendable {
  /// The message, ``OutboxEntry/messageID``.
  public var message: String
  /// Its time, in seconds since 1970.
  public var at: Double
  /// The HTTP status code; nil if there was no answer.
  public var status: Int?
  /// The beginning of the answer's body, at most ``maximumBody`` characters.
  public var body: String
  /// Why there was no answer; nil if there was one.
  public var error: String?
  /// How long it took.
  public var seconds: Double

  /// How much of a body is kept.
  public static let maximumBody = 200

  /// Creates an answer.
  public init(
    message: String, at: Timestamp, status: Int?, body: String, error: String?, seconds: Double
  ) {
    self.message = message
    self.at = at.seconds
    self.status = status
    self.body = String(body.prefix(DeliveryAnswer.maximumBody))
    self.error = error
    self.seconds = seconds
  }

  /// Whether the endpoint accepted the message.
  public var isSuccess: Bool { status.map { (200..<300).contains($0) } ?? false }

  /// The answer in words, such as `503 after 0.2 s: try later`.
  public var sentence: String {
    let time = "\(Int((seconds * 1000).rounded())) ms"
    guard let status else { return "\(error ?? "no answer") after \(time)" }
    return "\(status) after \(time)" + (body.isEmpty ? "" : ": \(body)")
  }
}
