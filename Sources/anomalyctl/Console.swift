package import CommandLine
import Glibc
package import System

/// Where a command writes, and the properties of its terminal.
package struct Console: Sendable {
  /// Colours of standard output.
  package let style: Style
  /// Columns of standard output; nil if it is not a terminal and `COLUMNS` is not set, so that
  /// lines may have any length.
  package let width: Int?
  /// Columns of standard error; nil if it is not a terminal, so that no progress is drawn.
  package let progressWidth: Int?

  private let pager: Pager?
  private let output: @Sendable (String) -> Errno?
  private let errors: @Sendable (String) -> Errno?

  /// A console that writes through these functions, which return the error, if any; by default to
  /// standard output and standard error.
  /// - Parameter pager: shows long output; nil: none.
  package init(
    style: Style = .plain, width: Int? = nil, progressWidth: Int? = nil, pager: Pager? = nil,
    output: @escaping @Sendable (String) -> Errno? = { Console.put($0, to: STDOUT_FILENO) },
    errors: @escaping @Sendable (String) -> Errno? = { Console.put($0, to: STDERR_FILENO) }
  ) {
    self.style = style
    self.width = width
    self.progressWidth = progressWidth
    self.pager = pager
    self.output = output
    self.errors = errors
  }

  /// The console of this process.
  package static func ofProcess(
    environment: (String) -> String? = Console.environment
  ) -> Console {
    // A user exports COLUMNS to choose a width, even without a terminal.
    let chosen = environment("COLUMNS").flatMap { Int($0) }.flatMap { $0 >= 20 ? $0 : nil }
    let isTerminal = isatty(STDOUT_FILENO) == 1
    return Console(
      style: Style(isTerminal: isTerminal, environment: environment),
      width: chosen ?? columns(of: STDOUT_FILENO),
      progressWidth: columns(of: STDERR_FILENO),
      pager: Pager(
        isTerminal: isTerminal, isErrorTerminal: isatty(STDERR_FILENO) == 1,
        environment: environment)
    )
  }

  /// Sends all further output to the user's pager, if there is one.
  package func startPager() { pager?.start() }

  /// Waits until the user has left the pager, if one was started.
  package func finishPager() { pager?.finish() }

  /// A variable of the environment, nil if it is not set.
  package static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  /// Writes results to standard output; callers terminate lines themselves and write long output in
  /// large pieces.
  /// - Throws: ``CommandFailure`` if standard output accepts no more, for example on a full disk.
  package func write(_ text: String) throws(CommandFailure) {
    if let error = output(text) {
      if error.code == EPIPE, pager?.isRunning ?? false { throw .pagerLeft }
      throw CommandFailure("cannot write to standard output: \(error)")
    }
  }

  /// Writes lines to standard output.
  package func write(lines: [String]) throws(CommandFailure) {
    try write(lines.map { $0 + "\n" }.joined())
  }

  /// Writes a message or a line of progress to standard error; a failure there cannot be
  /// reported.
  package func note(_ text: String) {
    _ = errors(text)
  }

  /// Writes all of `text` to a descriptor.
  /// - Returns: the error; nil if there was none.
  package static func put(_ text: String, to descriptor: Int32) -> Errno? {
    do throws(Errno) {
      try writeAll(Array(text.utf8).span.bytes, to: descriptor)
      return nil
    } catch {
      return error
    }
  }

  private static func columns(of descriptor: Int32) -> Int? {
    guard isatty(descriptor) == 1 else { return nil }
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 20 else { return 80 }
    return Int(size.ws_col)
  }
}
