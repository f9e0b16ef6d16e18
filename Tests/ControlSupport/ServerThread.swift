package import Control
import Support

/// A server that runs on a thread of its own until it is released.
package final class ServerThread: Sendable {
  private let stop = Latch()
  private let thread: TestThread

  /// Returns when the server listens.
  package init(
    _ path: String, _ handler: SampleHandler = SampleHandler(),
    limits: ControlLimits = ControlLimits()
  ) {
    let (stop, ready) = (stop, Latch())
    thread = TestThread {
      let loop = PollLoop()
      let server = try? ControlServer(
        path: path,
        identity: ServiceIdentity(
          vendor: "anomalyd", product: "anomalyd", version: "0.1.0", url: "man:anomalyd(8)"),
        limits: limits, poller: loop)
      ready.open()
      while let server, !stop.isOpen {
        loop.turn(server, handler, wait: 10)
      }
      server?.close()
    }
    precondition(ready.wait(), "the server does not start")
  }

  deinit {
    stop.open()
    thread.join()
  }
}
