import FoundationEssentials
import Glibc
public import Series

/// How delivery to one endpoint goes, as the delivering program writes it down and the daemon
/// reads it.
public struct DeliveryState: Codable, Equatable, Sendable {
  /// The settings that this is about, in a form that only equality says something of.
  public var settings = ""
  /// Messages that the endpoint took.
  public var delivered = 0
  /// Requests that were made.
  public var attempts = 0
  /// Requests that failed.
  public var failures = 0
  /// Messages that the endpoint will never take; the newest of them are kept in `failed`.
  public var setAside = 0
  /// Messages given up because they had waited for too long.
  public var expired = 0
  /// When the newest success was, in seconds since 1970.
  public var lastSuccessAt: Double?
  /// What the endpoint said last.
  public var lastAnswer: DeliveryAnswer?
  /// The newest failure, in words.
  public var lastError: String?
  /// When that was, in seconds since 1970.
  public var lastErrorAt: Double?
  /// Failures since the newest success.
  public var failuresInARow = 0
  /// When the next attempt is due, in seconds since 1970; nil where none is planned.
  public var retryAt: Double?
  /// Why nothing is sent until somebody changes the settings; nil where that is not so.
  public var stopped: String?
  /// Whether that is because the endpoint said that it is gone.
  public var isGone = false
  /// Answers to test messages, oldest first, at most ``maximumTests``.
  public var tests: [DeliveryAnswer] = []

  /// The most test answers that are kept.
  public static let maximumTests = 8
  private static let maximumBytes = 1 << 16

  /// Nothing has happened yet.
  public init() {}

  /// What an outbox's delivering program wrote last; nil where it has written nothing, or nothing
  /// that can be read.
  public init?(of folder: OutboxFolder) {
    guard let state = try? FolderHandle(folder.path + "/state"),
      let bytes = try? state.readFile("delivery.json", maximumBytes: DeliveryState.maximumBytes),
      let decoded = try? JSONDecoder().decode(DeliveryState.self, from: Data(bytes))
    else { return nil }
    self = decoded
  }

  /// Writes it down in one step, without waiting for the disk: after a power cut the counts may be
  /// those of a moment before.
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

/// What an endpoint said to one message.
public struct DeliveryAnswer: Codable, Equatable, Sendable {
  /// The message, ``OutboxEntry/messageID``.
  public var message: String
  /// When it was, in seconds since 1970.
  public var at: Double
  /// The status code of HTTP; nil where there was no answer.
  public var status: Int?
  /// The beginning of the answer's body, at most ``maximumBody`` characters.
  public var body: String
  /// Why there was no answer; nil where there was one.
  public var error: String?
  /// How long it took.
  public var seconds: Double

  /// The most of a body that is kept.
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

  /// Whether the endpoint took the message.
  public var isSuccess: Bool { status.map { (200..<300).contains($0) } ?? false }

  /// The answer in words, such as `503 after 0.2 s: try later`.
  public var sentence: String {
    let time = "\(Int((seconds * 1000).rounded())) ms"
    guard let status else { return "\(error ?? "no answer") after \(time)" }
    return "\(status) after \(time)" + (body.isEmpty ? "" : ": \(body)")
  }
}
