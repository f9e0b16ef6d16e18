import Glibc
public import Outputs

/// The daemon's log, line by line.
///
/// Only the daemon and the programs log; every other room returns notices.
public final class Log {
  /// The destination of lines.
  public enum Destination: Equatable, Sendable {
    /// Plain lines on standard error.
    case plain
    /// Standard error is read by journald: each line begins with its priority, `<4>...`
    /// (sd-daemon(3)), and messages with an id go to the journal with their fields.
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
  public func configurationRefused(_ text: String) { error(text, .configurationRefused) }
  /// Something the user should act on.
  public func error(_ text: String) { error(text, nil) }
  /// Something the user should act on, with a message id for the journal.
  public func error(_ text: String, _ id: JournalMessageID?) { say(text, id, .error) }
  /// Something the user should know.
  public func warning(_ text: String) { warning(text, nil) }
  /// Something the user should know, with a message id for the journal.
  public func warning(_ text: String, _ id: JournalMessageID?) { say(text, id, .warning) }
  /// Informational.
  public func notice(_ text: String) { notice(text, nil) }
  /// Informational, with a message id for the journal.
  public func notice(_ text: String, _ id: JournalMessageID?) { say(text, id, .notice) }
  /// Debugging information.
  public func info(_ text: String) { info(text, nil) }
  /// Debugging information, with a message id for the journal.
  public func info(_ text: String, _ id: JournalMessageID?) { say(text, id, .info) }

  private func say(_ text: String, _ id: JournalMessageID?, _ priority: JournalRecord.Priority) {
    guard destination == .journal else { return print("anomalyd: " + text) }
    if let id {
      do throws(JournalError) {
        return try JournalRecord(text, id: id, priority: priority).send()
      } catch {
        // The line below replaces it.
      }
    }
    for line in text.split(separator: "\n") { print("<\(priority.rawValue)>\(line)") }
  }
}
