package import CommandLine
import Glibc
import Synchronization

/// Shows long output page by page, as systemctl does.
///
/// Once started, standard output, and standard error if that is a terminal, goes to a pager, until
/// ``finish()`` waits for the user to leave it.
package final class Pager: Sendable {
  /// The option of every command with long output.
  package static let option = Option.flag(
    "no-pager", help: "Do not show long output in a pager (ANOMALYCTL_PAGER, SYSTEMD_PAGER, PAGER)")

  /// The previous destination of the output.
  private struct Redirection {
    var process: pid_t
    /// Each descriptor with a copy of what it was.
    var originals: [(descriptor: Int32, copy: Int32)]
  }

  private let candidates: [[String]]
  private let environment: [String]
  private let descriptors: [Int32]
  private let started = Mutex<Redirection?>(nil)

  /// A pager that has not been started.
  /// - Parameters:
  ///   - candidates: programs with their arguments; the first that exists is run.
  ///   - environment: `NAME=value` for the program.
  ///   - descriptors: the redirected descriptors; the pager itself writes to the first.
  package init(_ candidates: [[String]], environment: [String], descriptors: [Int32]) {
    self.candidates = candidates
    self.environment = environment
    self.descriptors = descriptors
  }

  /// The user's pager; nil for none: if standard output is not a terminal, or one that cannot move
  /// its cursor, or if the variable is empty or `cat`.
  package convenience init?(
    isTerminal: Bool, isErrorTerminal: Bool, environment: (String) -> String?
  ) {
    guard isTerminal, environment("TERM").map({ $0 != "dumb" }) ?? false else { return nil }
    let chosen = ["ANOMALYCTL_PAGER", "SYSTEMD_PAGER", "PAGER"].lazy.compactMap(environment).first
    let words = (chosen ?? "pager").split(separator: " ").map(String.init)
    guard let program = words.first, program != "cat" else { return nil }
    // Under sudo a pager must not provide a shell: only less can disable that.
    let isSecure =
      environment("SYSTEMD_PAGERSECURE").map { !["0", "no", "false", "off"].contains($0) }
      ?? (environment("SUDO_UID") != nil)
    let own = [
      "LESS=\(environment("SYSTEMD_LESS") ?? "FRSXMK")",
      "LESSCHARSET=\(environment("SYSTEMD_LESSCHARSET") ?? "utf-8")",
    ]
    self.init(
      isSecure ? [["less"]] : [words, ["less"], ["more"]],
      environment: own + (isSecure ? ["LESSSECURE=1"] : []),
      descriptors: [STDOUT_FILENO] + (isErrorTerminal ? [STDERR_FILENO] : []))
  }

  /// Sends all further output to the pager; no effect if none can be started.
  package func start() {
    started.withLock { started in
      guard started == nil else { return }
      var ends: [Int32] = [0, 0]
      guard pipe(&ends) == 0 else { return }
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      defer { for end in ends { close(end) } }
      guard let process = spawn(reading: ends[0]) else { return }
      let originals = descriptors.map { ($0, fcntl($0, F_DUPFD_CLOEXEC, 3)) }
      for descriptor in descriptors { dup2(ends[1], descriptor) }
      // The user may leave before the end; that is not a failure.
      signal(SIGPIPE, SIG_IGN)
      // With K, less ends by Ctrl-C, as this program does; otherwise it stops a search.
      let less = environment.first { $0.hasPrefix("LESS=") } ?? ""
      if !less.contains("K") { signal(SIGINT, SIG_IGN) }
      started = Redirection(process: process, originals: originals)
    }
  }

  /// Whether output goes to the pager now.
  package var isRunning: Bool { started.withLock { $0 != nil } }

  /// Ends the output and waits until the user has left the pager.
  package func finish() {
    started.withLock { started in
      guard let redirection = started else { return }
      started = nil
      for (descriptor, copy) in redirection.originals where copy >= 0 {
        dup2(copy, descriptor)
        close(copy)
      }
      var status: Int32 = 0
      while waitpid(redirection.process, &status, 0) < 0, errno == EINTR {}
    }
  }

  /// Runs the first program that exists.
  private func spawn(reading end: Int32) -> pid_t? {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, end, STDIN_FILENO)
    if descriptors[0] != STDOUT_FILENO {
      posix_spawn_file_actions_adddup2(&actions, descriptors[0], STDOUT_FILENO)
    }
    defer { posix_spawn_file_actions_destroy(&actions) }
    let names = environment.map { String($0.prefix { $0 != "=" }) + "=" }
    var inherited: [String] = []
    var entry = environ
    while let text = entry.pointee {
      let text = String(cString: text)
      if !names.contains(where: { text.hasPrefix($0) }) { inherited.append(text) }
      entry += 1
    }
    var variables = (inherited + environment).map { strdup($0) } + [nil]
    defer { for variable in variables { free(variable) } }
    for words in candidates {
      var arguments = words.map { strdup($0) } + [nil]
      defer { for argument in arguments { free(argument) } }
      var process = pid_t()
      if posix_spawnp(&process, words[0], &actions, nil, &arguments, &variables) == 0 {
        return process
      }
    }
    return nil
  }
}
