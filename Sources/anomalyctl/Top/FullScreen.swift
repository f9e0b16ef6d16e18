import CommandLine
import Control
import Glibc
package import System

/// A terminal in raw mode on its alternate screen, for the lifetime of this object.
///
/// The terminal is restored when the object is released, also when a signal ends the command, or
/// suspends it (Ctrl-Z).
package final class FullScreen {
  /// What ended a wait.
  package enum Wake: Equatable, Sendable {
    /// Bytes have been typed.
    case typed([UInt8])
    /// The terminal has another size, or shows something else.
    case resized
    /// The time is over.
    case timedOut
    /// The user or the system wants the command to end.
    case ended
  }

  private let input: Int32
  private let output: Int32
  private let signals: SignalInterruption
  private var before = termios()
  private var isOn = false

  /// Switches to the full screen.
  /// - Throws: `Errno` if these are not the two directions of a terminal.
  package init(input: Int32 = STDIN_FILENO, output: Int32 = STDOUT_FILENO) throws(Errno) {
    guard tcgetattr(input, &before) == 0 else { throw .last }
    guard isatty(output) == 1 else { throw .last }
    guard
      let signals = SignalInterruption([
        SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH, SIGPIPE,
      ])
    else { throw .last }
    self.signals = signals
    self.input = input
    self.output = output
    turnOn()
  }

  deinit { turnOff() }

  /// Columns and lines of the terminal.
  package var size: (columns: Int, lines: Int) {
    var size = winsize()
    guard ioctl(output, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
      return (80, 24)
    }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  /// Shows as many lines as the terminal has; overlong ones are cut.
  /// - Returns: whether the terminal is still available.
  package func draw(_ lines: [String]) -> Bool {
    // One write from the upper left corner, as erasing the whole screen first would flicker. A line is
    // erased before it is written: after the last column the cursor is still on it.
    let body = lines.map { "\u{1B}[K" + $0 }.joined(separator: "\r\n")
    return Console.put("\u{1B}[H" + body, to: output) == nil
  }

  /// Waits for a key, a signal, or the end of `timeout`.
  package func wait(_ timeout: Duration) -> Wake {
    let deadline = ContinuousClock.now + timeout
    while true {
      var wanted = [
        pollfd(fd: input, events: Int16(POLLIN), revents: 0),
        pollfd(fd: signals.interruption.descriptor, events: Int16(POLLIN), revents: 0),
      ]
      let left = max(.zero, ContinuousClock.now.duration(to: deadline))
      let milliseconds = Int32(clamping: Int64((left / .milliseconds(1)).rounded(.up)))
      let count = poll(&wanted, 2, milliseconds)
      if count == 0 { return .timedOut }
      guard count > 0 else {
        if errno == EINTR { continue }
        return .ended
      }
      if wanted[1].revents != 0, let signal = signals.next() {
        switch signal {
        case SIGWINCH: return .resized
        case SIGTSTP:
          pause()
          return .resized
        case SIGPIPE: continue
        default: return .ended
        }
      }
      if wanted[0].revents != 0 {
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = bytes.withUnsafeMutableBytes { read(input, $0.baseAddress, $0.count) }
        guard count > 0 else { return .ended }
        return .typed(Array(bytes[..<count]))
      }
    }
  }

  /// Suspends the process as Ctrl-Z does, and continues when the shell resumes it.
  private func pause() {
    turnOff()
    raise(SIGSTOP)
    turnOn()
  }

  private func turnOn() {
    guard !isOn else { return }
    isOn = true
    var raw = before
    // Keys one by one and unseen; Ctrl-C, Ctrl-Z and Ctrl-\ stay signals.
    raw.c_lflag &= ~tcflag_t(ECHO | ICANON | IEXTEN)
    raw.c_iflag &= ~tcflag_t(ICRNL | IXON)
    _ = tcsetattr(input, TCSAFLUSH, &raw)
    // The alternate screen; the cursor hidden; longer lines cut, not wrapped.
    _ = Console.put("\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l\u{1B}[2J", to: output)
  }

  private func turnOff() {
    guard isOn else { return }
    isOn = false
    _ = Console.put("\u{1B}[0m\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l", to: output)
    _ = tcsetattr(input, TCSAFLUSH, &before)
  }
}
