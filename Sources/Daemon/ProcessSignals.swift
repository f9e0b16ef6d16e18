import CSystemd
import Glibc

/// How signals affect the daemon: none ends it without a checkpoint, except those that cannot be
/// caught and those that report a bug in it.
enum ProcessSignals {
  /// They end it as SIGTERM does. SIGQUIT comes from Ctrl-\\ in the foreground, SIGXCPU from a CPU
  /// time limit, after which the kernel soon sends SIGKILL.
  static let ending = [SIGTERM, SIGINT, SIGQUIT, SIGXCPU]

  /// Their default action is to terminate, and they mean nothing to this process: signals of other
  /// programs' conventions, timers, a closed pipe, and the file size limit, which becomes an error
  /// of write(2). Children inherit this.
  private static let ignored = [
    SIGPIPE, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGPOLL, SIGPWR, SIGSTKFLT, SIGXFSZ,
  ]

  /// Blocks the signals that the loop handles and ignores the others.
  static func prepare() {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in ending + [SIGHUP] { sigaddset(&set, signal) }
    pthread_sigmask(SIG_BLOCK, &set, nil)
    // Real-time signals terminate a process by default, too.
    for number in ignored + Array(__libc_current_sigrtmin()...__libc_current_sigrtmax()) {
      signal(number, SIG_IGN)
    }
  }
}
