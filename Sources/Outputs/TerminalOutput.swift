public import CommandLine
import Detection
public import Events
import Glibc
public import Series
import System

/// Prints each step as one readable line.
public final class TerminalOutput: Output {
  /// The name of its configuration section.
  public let name: String
  /// Its health.
  public private(set) var health = OutputHealth()

  private let descriptor: Int32
  private let style: Style
  private let clock: () -> Timestamp
  private var notices: [Notice] = []

  /// An output to a descriptor that is owned and kept open by the caller.
  /// - Parameters:
  ///   - descriptor: where lines are written, standard output by default.
  ///   - style: whether lines are coloured.
  ///   - clock: the time of day, for ``OutputHealth/lastErrorAt``.
  public init(
    name: String,
    descriptor: Int32 = 1,
    style: Style,
    clock: @escaping () -> Timestamp
  ) {
    self.name = name
    self.descriptor = descriptor
    self.style = style
    self.clock = clock
  }

  /// The line for a step of an incident, without a line break: time, state, sentence.
  public static func line(_ transition: IncidentTransition, style: Style) -> String {
    let state =
      switch transition {
      case .opened: style.bad("ANOMALY")
      case .worsened: style.bad("WORSE  ")
      case .closed: style.good("normal ")
      }
    let time = style.faint(transition.moment.iso8601)
    return "\(time) \(state) \(PrintableText.line(transition.sentence))"
  }

  /// The line for a step of an event, the same way.
  public static func line(_ transition: EventTransition, style: Style) -> String {
    let time = style.faint(transition.moment.iso8601)
    let sentence = PrintableText.line(transition.sentence)
    if case .test = transition.event.cause { return "\(time) \(sentence)" }
    return switch transition {
    case .opened: "\(time) \(style.bad("ANOMALY")) \(sentence)"
    case .updated: "\(time) \(style.bad("ANOMALY")) \(sentence)"
    case .closed: "\(time) \(style.good("normal ")) \(sentence)"
    }
  }

  /// Prints the transition, see ``emit(_:)-(EventTransition)``.
  public func emit(_ transition: IncidentTransition) {
    emit(line: TerminalOutput.line(transition, style: style))
  }

  /// Prints the transition; a line that the terminal does not accept, because it is gone or not
  /// being read, is counted and lost: the daemon never waits for a reader.
  public func emit(_ transition: EventTransition) {
    emit(line: TerminalOutput.line(transition, style: style))
  }

  /// Prints a heartbeat.
  public func beat(_ heartbeat: Heartbeat) {
    if let problem = write("\(style.faint(heartbeat.at.iso8601)) \(heartbeat.sentence)") {
      note(problem)
    }
  }

  private func emit(line: String) {
    if let problem = write(line) { return note(problem, dropped: 1) }
    health.delivered += 1
  }

  /// - Returns: what prevented it; nil if it succeeded.
  private func write(_ line: String) -> String? {
    let bytes = Array((line + "\n").utf8)
    var written = 0
    while written < bytes.count {
      guard takesMore else { return "it is not being read" }
      let end = min(bytes.count, written + TerminalOutput.largestWrite)
      do throws(Errno) {
        try writeAll(bytes[written..<end].span.bytes, to: descriptor)
      } catch {
        return error.description
      }
      written = end
    }
    return nil
  }

  /// Notices for the user.
  public func drainNotices() -> [Notice] {
    defer { notices = [] }
    return notices
  }

  /// The number of bytes that a writable pipe accepts without blocking (PIPE_BUF, pipe(7)), as does
  /// a terminal.
  private static let largestWrite = 4096

  /// Whether a write of ``largestWrite`` bytes returns without blocking.
  private var takesMore: Bool {
    var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    return poll(&request, 1, 0) == 1
  }

  private func note(_ cause: String, dropped: Int = 0) {
    health.failures += 1
    health.dropped += dropped
    health.lastError = cause
    health.lastErrorAt = clock()
    if health.failures == 1 {
      notices.append(
        Notice(.warning, "output \(name): a line could not be printed: \(cause)")
      )
    }
  }
}
