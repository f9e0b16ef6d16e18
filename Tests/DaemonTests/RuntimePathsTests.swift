import Config
import Daemon
import Testing

@Suite struct RuntimePathsTests {
  private let environment = ["HOME": "/home/me", "XDG_RUNTIME_DIR": "/run/user/7"]

  private func paths(
    _ settings: Settings = Settings(.all),
    isForeground: Bool = true,
    user: UInt32 = 7
  ) -> RuntimePaths {
    RuntimePaths(of: settings, isForeground: isForeground, user: user) { environment[$0] }
  }

  @Test func `a service uses the configured paths`() {
    let usual = Settings(.all).agent
    for user: UInt32 in [0, 7] {
      let paths = paths(isForeground: false, user: user)
      #expect(paths.stateDirectory == usual.stateDirectory)
      #expect(paths.controlSocket == usual.controlSocket)
      #expect(paths.remarks.isEmpty)
    }
  }

  @Test func `in the foreground an ordinary user gets paths of that user, with a remark`() {
    let paths = paths()
    #expect(paths.stateDirectory == "/home/me/.local/state/anomalyd")
    #expect(paths.controlSocket == "/run/user/7/anomalyd/io.anomalyd")
    #expect(paths.remarks.count == 2)
  }

  @Test func `in the foreground root does not touch the service's directories`() {
    let usual = Settings(.all).agent
    let paths = paths(user: 0)
    #expect(paths.stateDirectory == "/var/lib/anomalyd-foreground")
    #expect(paths.controlSocket == "/run/anomalyd-foreground/io.anomalyd")
    #expect(paths.stateDirectory != usual.stateDirectory)
    #expect(paths.remarks.last?.contains("anomalyctl --socket") == true)
  }

  @Test func `configured paths are not replaced`() {
    var settings = Settings(.all)
    settings.agent.stateDirectory = "/data/state"
    settings.agent.controlSocket = "/data/socket"
    for user: UInt32 in [0, 7] {
      let paths = paths(settings, user: user)
      #expect(paths.stateDirectory == "/data/state")
      #expect(paths.controlSocket == "/data/socket")
      #expect(paths.remarks.isEmpty)
    }
  }
}
