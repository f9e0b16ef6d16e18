import Config
import Daemon
import Testing

@Suite struct PlacesTests {
  private let environment = ["HOME": "/home/me", "XDG_RUNTIME_DIR": "/run/user/7"]

  private func places(
    _ settings: Settings = Settings(.all),
    isForeground: Bool = true,
    isRoot: Bool = false
  ) -> RuntimePaths {
    RuntimePaths(of: settings, isForeground: isForeground, isRoot: isRoot) { environment[$0] }
  }

  @Test func `a service and root use the configured paths`() {
    let usual = Settings(.all).agent
    for places in [places(isForeground: false), places(isRoot: true)] {
      #expect(places.stateDirectory == usual.stateDirectory)
      #expect(places.controlSocket == usual.controlSocket)
      #expect(places.remarks.isEmpty)
    }
  }

  @Test func `an ordinary user gets paths of that user, with a remark`() {
    let places = places()
    #expect(places.stateDirectory == "/home/me/.local/state/anomalyd")
    #expect(places.controlSocket == "/run/user/7/anomalyd/io.anomalyd")
    #expect(places.remarks.count == 2)
  }

  @Test func `a user's configured paths are not replaced`() {
    var settings = Settings(.all)
    settings.agent.stateDirectory = "/data/state"
    settings.agent.controlSocket = "/data/socket"
    let places = places(settings)
    #expect(places.stateDirectory == "/data/state")
    #expect(places.controlSocket == "/data/socket")
    #expect(places.remarks.isEmpty)
  }
}
