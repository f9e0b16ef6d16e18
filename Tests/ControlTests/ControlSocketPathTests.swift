import Control
import Glibc
import Testing

@Suite struct ControlSocketPathTests {
  private let environment = ["HOME": "/home/me", "XDG_RUNTIME_DIR": "/run/user/7"]

  private func candidates(
    _ user: UInt32, _ environment: [String: String]
  ) -> [ControlSocketPath.Candidate] {
    ControlSocketPath.forClient(user: user) { environment[$0] }
  }

  @Test func `root queries the service only`() {
    #expect(candidates(0, environment).map(\.path) == [ControlSocketPath.system])
    #expect(candidates(0, environment)[0].trusted.contains(0))
  }

  @Test func `other users query a daemon of their own first`() {
    let found = candidates(7, environment)
    #expect(found.map(\.path) == ["/run/user/7/anomalyd/io.anomalyd", ControlSocketPath.system])
    #expect(found[0].trusted == [7])
    #expect(found[1].trusted.isSuperset(of: [0, 7]))
  }

  @Test func `no path is in a directory that others can write to`() {
    for environment in [["HOME": "/home/me"], ["HOME": "/home/me", "XDG_RUNTIME_DIR": ""]] {
      #expect(
        candidates(7, environment).map(\.path)
          == ["/home/me/.local/state/anomalyd/run/io.anomalyd", ControlSocketPath.system])
    }
    #expect(candidates(7, [:]).map(\.path) == [ControlSocketPath.system])
  }
}
