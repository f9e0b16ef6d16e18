import Daemon
import Glibc
import Monitor
import Testing

@Suite struct ProcessSignalsTests {
  @Test func `no signal of other programs ends the process`() async {
    await #expect(processExitsWith: .success) {
      Daemon.prepareProcess()
      let others = [
        SIGPIPE, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGPOLL, SIGPWR, SIGSTKFLT, SIGXFSZ,
        __libc_current_sigrtmin(), __libc_current_sigrtmax(),
      ]
      for signal in others { #expect(raise(signal) == 0) }
      // Signals that end it in an orderly way wait for the loop.
      for signal in [SIGTERM, SIGINT, SIGQUIT, SIGXCPU, SIGHUP] { #expect(raise(signal) == 0) }
      var waiting = sigset_t()
      sigpending(&waiting)
      for signal in [SIGTERM, SIGINT, SIGQUIT, SIGXCPU, SIGHUP] {
        #expect(sigismember(&waiting, signal) == 1)
      }
    }
  }

  @Test(arguments: [SIGTERM, SIGINT, SIGQUIT, SIGXCPU])
  func `a signal that ends it saves the state first`(_ signal: Int32) throws {
    let stage = Stage()
    stage.append(wave(20))
    try stage.run(steps: [
      { $0.monitor.samples == 20 },
      { _ in
        pthread_kill(pthread_self(), signal)
        return true
      },
      // The signal ends the run; one that stayed pending would end another test's.
      { _ in false },
    ])
    #expect(access(stage.file("state/checkpoint"), F_OK) == 0)
  }
}
