import CSystemd
import CommandLine
import Detection
public import Events
import Glibc
import Series
public import System

/// One entry of the systemd journal: its fields as `NAME=value`, ready to be sent.
public struct JournalRecord: Equatable, Sendable {
  /// Syslog priorities (RFC 5424, section 6.2.1).
  public enum Priority: UInt8, Sendable {
    /// Critical conditions.
    case critical = 2
    /// Error conditions.
    case error = 3
    /// Warning conditions.
    case warning = 4
    /// Normal but significant.
    case notice = 5
    /// Informational.
    case info = 6
    /// Of use to developers.
    case debug = 7
  }

  /// `NAME=value`, each as UTF-8.
  public private(set) var fields: [String] = []

  /// A message of the daemon itself.
  /// - Parameter details: further lines of the message.
  public init(
    _ text: String, details: [String] = [], id: JournalMessageID?, priority: Priority
  ) {
    let lines = ([text] + details).map { PrintableText.line($0) }
    fields.append("MESSAGE=" + lines.joined(separator: "\n"))
    append("PRIORITY", String(priority.rawValue))
    append("SYSLOG_IDENTIFIER", Product.name)
    if let id { append("MESSAGE_ID", id.rawValue) }
    append("DOCUMENTATION", "man:anomalyd(8)")
  }

  /// The entry of an event step. Numbers that are not finite have no field.
  public init(_ transition: EventTransition) {
    let event = transition.event
    switch transition {
    case .opened:
      self.init(transition.sentence, id: .eventOpened, priority: Priority(event.severity))
    case .updated:
      self.init(transition.sentence, id: .eventUpdated, priority: Priority(event.severity))
    case .closed: self.init(transition.sentence, id: .eventClosed, priority: .info)
    }
    append("ANOMALYD_EVENT_ID", event.id.description)
    append("ANOMALYD_METRIC", event.metric.text)
    append("ANOMALYD_STATE", transition.stateName)
    append("ANOMALYD_SEVERITY", event.severity.name)
    append("ANOMALYD_DIRECTION", event.direction.name)
    append("ANOMALYD_SINCE", event.began.iso8601)
    append("ANOMALYD_OPENED", event.opened.iso8601)
    if case .updated = transition, let update = event.update {
      append("ANOMALYD_UPDATE", update.name)
    }
    if let closed = event.closed { append("ANOMALYD_UNTIL", closed.iso8601) }
    let reading = transition.reading
    append("ANOMALYD_VALUE", number: reading.value)
    append("ANOMALYD_EXPECTED", number: reading.expected)
    append("ANOMALYD_LOWER", number: reading.lower)
    append("ANOMALYD_UPPER", number: reading.upper)
    append("ANOMALYD_SCORE", number: Double(event.score), decimals: 3)
    append("ANOMALYD_PEAK_SCORE", number: Double(event.peakScore), decimals: 3)
    append("ANOMALYD_PEAK_VALUE", number: event.peakValue)
    append("ANOMALYD_PEAK_AT", event.peakAt.iso8601)
    let seconds = transition.moment.seconds - event.began.seconds
    append("ANOMALYD_DURATION_SECONDS", number: seconds, decimals: 3)
    if let incident = event.incident {
      append("ANOMALYD_INCIDENT_ID", incident.id.description)
      append("ANOMALYD_INCIDENT_POSITION", String(incident.position))
      append("ANOMALYD_INCIDENT_SIZE", String(incident.size))
    }
    append("ANOMALYD_REASON", event.cause.name)
    append("ANOMALYD_EXPLANATION", event.cause.explanation)
  }

  /// Adds a field of one line.
  /// - Parameter name: capital letters, digits and `_`, not beginning with `_`.
  public mutating func append(_ name: String, _ value: String) {
    fields.append(name + "=" + PrintableText.line(value))
  }

  private mutating func append(_ name: String, number: Double, decimals: Int? = nil) {
    guard number.isFinite else { return }
    append(name, decimals.map { HumanNumber.fixed(number, decimals: $0) } ?? "\(number)")
  }

  /// Sends the entry to journald.
  /// - Throws: ``JournalError``; the entry is then not in the journal.
  public func send() throws(JournalError) {
    // libsystemd reports success if there is no journald at all: check for its socket first.
    guard access(JournalRecord.socketPath, W_OK) == 0 else {
      throw .unavailable(path: JournalRecord.socketPath, errno: .last)
    }
    var bytes: [UInt8] = []
    var ends: [Int] = []
    for field in fields {
      bytes.append(contentsOf: field.utf8)
      ends.append(bytes.count)
    }
    let result = bytes.withUnsafeMutableBytes { buffer -> Int32 in
      var start = 0
      let vectors = ends.map { end in
        defer { start = end }
        return iovec(iov_base: buffer.baseAddress.map { $0 + start }, iov_len: end - start)
      }
      return sd_journal_sendv(vectors, Int32(vectors.count))
    }
    guard result >= 0 else { throw .refused(errno: Errno(-result)) }
  }

  private static let socketPath = "/run/systemd/journal/socket"
}

extension JournalRecord.Priority {
  /// The priority of an event with that severity.
  init(_ severity: Severity) {
    self =
      switch severity {
      case .info: .notice
      case .warning: .warning
      case .error: .error
      case .critical: .critical
      }
  }
}

/// Why an entry is not in the journal.
public enum JournalError: Error, Equatable, CustomStringConvertible {
  /// journald is not running.
  case unavailable(path: String, errno: Errno)
  /// journald or the kernel rejected the entry.
  case refused(errno: Errno)

  /// One sentence for the user.
  public var description: String {
    switch self {
    case .unavailable(let path, let number):
      "expected journald behind \(path), found: \(number)"
    case .refused(let number): "journald did not take the entry: \(number)"
    }
  }
}
