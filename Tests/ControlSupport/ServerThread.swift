import Control
import Glibc
import Synchronization

/// A server that turns on a thread of its own until it is stopped.
package final class ServerThread: Sendable {
  private let shared = Shared()

  private final class Shared: Sendable {
    let stop = Atomic(false)
    let ready = Atomic(false)
    let ended = Atomic(false)
  }

  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Returns when the server listens.
  package init(_ path: String, _ handler: SampleHandler = SampleHandler()) {
    let shared = shared
    let body = Body {
      let loop = PollLoop()
      let server = try? ControlServer(
        path: path,
        identity: ServiceIdentity(
          vendor: "anomalyd", product: "anomalyd", version: "0.1.0", url: "man:anomalyd(8)"),
        poller: loop)
      shared.ready.store(true, ordering: .releasing)
      while let server, !shared.stop.load(ordering: .acquiring) {
        loop.turn(server, handler, wait: 10)
      }
      server?.close()
      shared.ended.store(true, ordering: .releasing)
    }
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, Unmanaged.passRetained(body).toOpaque())
    pthread_detach(thread)
    while !shared.ready.load(ordering: .acquiring) { usleep(1000) }
  }

  deinit {
    shared.stop.store(true, ordering: .releasing)
    while !shared.ended.load(ordering: .acquiring) { usleep(1000) }
  }
}
