import FoundationEssentials
import Glibc
public import Series
public import System

/// The state of delivery to one endpoint: written by the delivery program, read by the daemon.
public struct DeliveryState: Codable, Equatable, Sendable {
  /// A fingerprint of the endpoint's settings, to be compared for equality only.
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
  /// When the newest success was, in seconds since 1970.
  public var lastSuccessAt: Double?
  /// When the endpoint accepted the newest heartbeat, in seconds since 1970; nil if it never did.
  public var lastHeartbeatAt: Double?
  /// The endpoint's latest answer.
  public var lastAnswer: DeliveryAnswer?
  /// The newest failure, as text.
  public var lastError: String?
  /// When that was, in seconds since 1970.
  public var lastErrorAt: Double?
  /// Failures since the newest success.
  public var failuresInARow = 0
  /// When the next attempt is due, in seconds since 1970; nil if none is planned.
  public var retryAt: Double?
  /// Why nothing is sent until the settings change; nil while delivery continues.
  public var stopped: String?
  /// Whether that is because the endpoint answered that it is gone for good.
  public var isGone = false
  /// Answers to test messages, oldest first, at most ``maximumTests``.
  public var tests: [DeliveryAnswer] = []

  /// Maximum number of test answers kept.
  public static let maximumTests = 8
  private static let maximumBytes = 1 << 16

  /// The state before the first attempt.
  public init() {}

  /// The latest state of an outbox; nil if none was written, or it cannot be read.
  public init?(of folder: OutboxFolder) {
    guard let state = try? Directory(folder.path + "/state"),
      let bytes = try? state.readFile("delivery.json", maximumBytes: DeliveryState.maximumBytes),
      let decoded = try? JSONDecoder().decode(DeliveryState.self, from: Data(bytes))
    else { return nil }
    self = decoded
  }

  /// Saves it atomically, without waiting for the disk: after a power failure the counts may be
  /// slightly old.
  public func save(to folder: OutboxFolder) throws(FileError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let state = try Directory(folder.path + "/state")
    guard let data = try? encoder.encode(self) else {
      throw FileError(
        operation: "encode", path: state.path(of: "delivery.json"), errno: Errno(EINVAL))
    }
    try state.replaceFile("delivery.json", with: Array(data).span.bytes, sharedAs: 0o644)
  }
}

/// An endpoint's answer to one message.
public struct DeliveryAnswer: Codable, Equatable, Sendable {
  /// The message, ``OutboxEntry/messageID``.
  public var message: String
  /// When it was, in seconds since 1970.
  public var at: Double
  /// The HTTP status code; nil if there was no answer.
  public var status: Int?
  /// The beginning of the answer's body, at most ``maximumBody`` characters.
  public var body: String
  /// Why there was no answer; nil if there was one.
  public var error: String?
  /// How long the request took.
  public var seconds: Double

  /// Maximum number of characters of a body that are kept.
  public static let maximumBody = 200

  /// An answer with these parts.
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

  /// The answer as text, such as `503 after 0.2 s: try later`.
  public var sentence: String {
    // The state is another user's file: its numbers may be anything.
    let time = "\(Int((min(max(seconds, 0), 1e9) * 1000).rounded())) ms"
    guard let status else { return "\(error ?? "no answer") after \(time)" }
    return "\(status) after \(time)" + (body.isEmpty ? "" : ": \(body)")
  }
}
