import CSystemd
import CommandLine
import Detection
public import Events
import Glibc
import Outbox
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

  /// The entry of a step of an incident: the numbers are those of its lead.
  public init(_ transition: IncidentTransition) {
    let incident = transition.incident
    switch transition {
    case .opened:
      self.init(transition.sentence, id: .incidentOpened, priority: Priority(incident))
    case .worsened:
      self.init(transition.sentence, id: .incidentWorsened, priority: Priority(incident))
    case .closed:
      self.init(
        transition.sentence, id: .incidentClosed, priority: incident.isUsual ? .info : .notice)
    }
    append("ANOMALYD_STEP_ID", transition.outboxEntry.messageID)
    append("ANOMALYD_INCIDENT_ID", incident.id.description)
    append("ANOMALYD_STATE", transition.stateName)
    append("ANOMALYD_SEVERITY", incident.severity.name)
    append("ANOMALYD_SINCE", incident.began.iso8601)
    append("ANOMALYD_OPENED", incident.opened.iso8601)
    if case .closed = transition { append("ANOMALYD_UNTIL", incident.closed.iso8601) }
    append("ANOMALYD_DURATION_SECONDS", number: incident.duration / .seconds(1), decimals: 3)
    append("ANOMALYD_METRICS", String(incident.metrics))
    for subsystem in incident.subsystems { append("ANOMALYD_SUBSYSTEM", subsystem.description) }
    for attribution in incident.attributions { append("ANOMALYD_UNIT", attribution.unit) }
    guard let lead = incident.lead else { return }
    append("ANOMALYD_EVENT_ID", lead.id.description)
    append("ANOMALYD_METRIC", lead.metric.text)
    append("ANOMALYD_DIRECTION", lead.direction.name)
    appendNumbers(of: lead, lead.opening)
    appendCause(of: lead)
  }

  /// The entry of a step of an event, with a lower priority than those of incidents. Numbers that
  /// are not finite have no field.
  public init(_ transition: EventTransition) {
    let event = transition.event
    let id: JournalMessageID =
      switch transition {
      case .opened: .eventOpened
      case .updated: .eventUpdated
      case .closed: .eventClosed
      }
    self.init(transition.sentence, id: id, priority: .info)
    append("ANOMALYD_STEP_ID", transition.outboxEntry.messageID)
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
    appendNumbers(of: event, transition.reading)
    let seconds = transition.moment.seconds - event.began.seconds
    append("ANOMALYD_DURATION_SECONDS", number: seconds, decimals: 3)
    if let incident = event.incident {
      append("ANOMALYD_INCIDENT_ID", incident.id.description)
      append("ANOMALYD_INCIDENT_POSITION", String(incident.position))
      append("ANOMALYD_INCIDENT_SIZE", String(incident.size))
    }
    appendCause(of: event)
  }

  /// The entry of a heartbeat.
  public init(_ heartbeat: Heartbeat) {
    self.init(heartbeat.sentence, id: .heartbeat, priority: .info)
    append("ANOMALYD_METRICS", String(heartbeat.metrics))
    append("ANOMALYD_INCIDENTS", String(heartbeat.incidents))
  }

  private mutating func appendNumbers(of event: Event, _ reading: Event.Reading) {
    append("ANOMALYD_VALUE", number: reading.value)
    append("ANOMALYD_EXPECTED", number: reading.expected)
    append("ANOMALYD_LOWER", number: reading.lower)
    append("ANOMALYD_UPPER", number: reading.upper)
    append("ANOMALYD_SCORE", number: Double(event.score), decimals: 3)
    append("ANOMALYD_PEAK_SCORE", number: Double(event.peakScore), decimals: 3)
    append("ANOMALYD_PEAK_VALUE", number: event.peakValue)
    append("ANOMALYD_PEAK_AT", event.peakAt.iso8601)
  }

  private mutating func appendCause(of event: Event) {
    append("ANOMALYD_REASON", event.cause.name)
    append("ANOMALYD_EXPLANATION", event.cause.explanation)
    if let recurrence = event.recurrence {
      append("ANOMALYD_RECURRENCE", recurrence.standing.name)
      append("ANOMALYD_EARLIER", String(recurrence.earlier))
      if let schedule = recurrence.schedule { append("ANOMALYD_USUALLY", schedule.text) }
    }
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
  /// The priority of an incident: below all others if only scheduled events have come.
  fileprivate init(_ incident: Incident) {
    self = incident.isUsual ? .info : Self(incident.severity)
  }

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

extension Incident {
  /// Whether only scheduled events have come.
  fileprivate var isUsual: Bool {
    severity == .info && lead?.isScheduled ?? false
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
    case .refused(let number): "journald did not accept the entry: \(number)"
    }
  }
}
