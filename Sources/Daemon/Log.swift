import Glibc
public import Outputs
import Series

/// The daemon's log, line by line.
///
/// Only the daemon and the programs log; every other room returns notices. Each text becomes one
/// line, whatever it contains; multiple lines are passed as separate texts.
public final class Log {
  /// The destination of lines.
  public enum Destination: Equatable, Sendable {
    /// Plain lines on standard error.
    case plain
    /// Standard error is read by journald: each line begins with its priority, `<4>...`
    /// (sd-daemon(3)), and messages with an id are sent to the journal with their fields.
    case journal
  }

  private let destination: Destination
  private let print: (String) -> Void

  /// A log to `destination`.
  /// - Parameter print: receives each line, without its line break.
  public init(
    _ destination: Destination,
    print: @escaping (String) -> Void = Log.printToStandardError
  ) {
    self.destination = destination
    self.print = print
  }

  /// Writes a line to standard error, in one piece.
  public static func printToStandardError(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = write(2, bytes, bytes.count)
  }

  /// Whether journald reads this process's standard error: `JOURNAL_STREAM` names its device and
  /// inode (systemd.exec(5)).
  public static var standardDestination: Destination {
    guard let stream = getenv("JOURNAL_STREAM") else { return .plain }
    var status = stat()
    guard fstat(2, &status) == 0 else { return .plain }
    return String(cString: stream) == "\(status.st_dev):\(status.st_ino)" ? .journal : .plain
  }

  /// An invalid configuration.
  /// - Parameter errors: each on a line of its own.
  public func configurationRefused(_ text: String, errors: [String]) {
    emit(text, errors, .configurationRefused, .error)
  }
  /// Something the user should act on.
  /// - Parameter details: further lines.
  public func error(_ text: String, details: [String] = []) { emit(text, details, nil, .error) }
  /// Something the user should act on, with a message id for the journal.
  public func error(_ text: String, _ id: JournalMessageID?) { emit(text, [], id, .error) }
  /// Something the user should know.
  public func warning(_ text: String) { warning(text, nil) }
  /// Something the user should know, with a message id for the journal.
  public func warning(_ text: String, _ id: JournalMessageID?) { emit(text, [], id, .warning) }
  /// Informational.
  public func notice(_ text: String) { notice(text, nil) }
  /// Informational, with a message id for the journal.
  public func notice(_ text: String, _ id: JournalMessageID?) { emit(text, [], id, .notice) }
  /// Debugging information.
  public func info(_ text: String) { info(text, nil) }
  /// Debugging information, with a message id for the journal.
  public func info(_ text: String, _ id: JournalMessageID?) { emit(text, [], id, .info) }

  /// A problem of the daemon, or its end.
  /// - Parameter fields: further fields of the entry in the journal.
  func problem(
    _ text: String, _ id: JournalMessageID, priority: JournalRecord.Priority,
    fields: [(String, String)]
  ) {
    emit(text, [], id, priority, fields: fields)
  }

  private func emit(
    _ text: String, _ details: [String], _ id: JournalMessageID?,
    _ priority: JournalRecord.Priority, fields: [(String, String)] = []
  ) {
    let lines = ([text] + details).map { PrintableText.line($0) }
    guard destination == .journal else {
      return print("anomalyd: " + lines.joined(separator: "\n"))
    }
    if let id {
      do throws(JournalError) {
        var record = JournalRecord(text, details: details, id: id, priority: priority)
        for (name, value) in fields { record.append(name, value) }
        return try record.send()
      } catch {
        // The lines below replace it.
      }
    }
    for line in lines { print("<\(priority.rawValue)>\(line)") }
  }
}
