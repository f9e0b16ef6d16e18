package import Control
import Glibc

/// A loop over poll(2) that iterates only on request.
package final class PollLoop: DescriptorPoller {
  package private(set) var watched: [Int32: Readiness] = [:]

  package init() {}

  package func watch(_ descriptor: Int32, for events: Readiness) { watched[descriptor] = events }

  package func unwatch(_ descriptor: Int32) { watched[descriptor] = nil }

  /// Calls the server for each descriptor that is ready.
  /// - Returns: whether any was.
  @discardableResult
  package func turn(
    _ server: ControlServer,
    _ handler: some ControlHandler,
    now: Duration = .zero,
    wait milliseconds: Int32 = 0
  ) -> Bool {
    var polls = watched.filter { !$0.value.isEmpty }.map { descriptor, events in
      pollfd(
        fd: descriptor,
        events: Int16(
          (events.contains(.read) ? POLLIN : 0) | (events.contains(.write) ? POLLOUT : 0)
        ),
        revents: 0
      )
    }
    defer { server.resumeStreams(now: now) }
    guard poll(&polls, nfds_t(polls.count), milliseconds) > 0 else { return false }
    for poll in polls where poll.revents != 0 {
      let events = Int32(poll.revents)
      var ready: Readiness = []
      if events & (POLLIN | POLLHUP | POLLERR) != 0 { ready.insert(.read) }
      if events & (POLLOUT | POLLHUP | POLLERR) != 0 { ready.insert(.write) }
      server.handle(poll.fd, ready: ready, now: now, handler: handler)
    }
    return true
  }

  /// Iterates until nothing is ready any more.
  package func settle(
    _ server: ControlServer, _ handler: some ControlHandler, now: Duration = .zero
  ) {
    var turns = 0
    while turns < 100_000, turn(server, handler, now: now) { turns += 1 }
  }
}
