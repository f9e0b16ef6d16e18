import CCurl
import Glibc
import Outbox
public import Series
public import System

/// Delivers the messages in the outboxes until none are left.
///
/// It may be killed at any moment: a message is removed only once the endpoint has accepted it.
public final class Courier {
  /// Settings that do not come from the endpoints' configuration.
  public struct Options {
    /// The directory of all outboxes.
    public var root: String
    /// The name of this host as sent to endpoints.
    public var host: String
    /// The value of the header `User-Agent`.
    public var userAgent = "anomalyd"
    /// The retry delay after failures.
    public var backoff = Backoff()
    /// How long to linger when nothing is left, so that a burst of events does not start one
    /// process per event.
    public var linger: Duration = .seconds(10)
    /// The longest sleep.
    public var longestWait: Duration = .seconds(60)
    /// The time of day.
    public var clock: () -> Timestamp = { .now }
    /// The clock that never steps.
    package var steadyClock: () -> MonotonicTime = { .now }
    /// Receives notices for the user.
    public var report: (Notice) -> Void = { _ in }

    /// The defaults for the outboxes below `root`.
    public init(root: String, host: String) {
      self.root = root
      self.host = host
    }
  }

  private let options: Options
  private let load: () -> [EndpointPlan]?
  private let bell: OutboxBell
  private let transport: HTTPTransport
  private let sender: Sender
  private var endpoints: [Endpoint] = []

  /// A courier that has not read any outbox yet.
  /// - Parameter load: reads the configuration, at startup and whenever the daemon rings; nil
  ///   keeps the previous one.
  public init(
    options: Options, load: @escaping () -> [EndpointPlan]?
  ) throws(HTTPTransportError) {
    self.options = options
    self.load = load
    bell = OutboxBell(root: options.root)
    transport = try HTTPTransport()
    sender = Sender(
      host: options.host, userAgent: options.userAgent, clock: options.clock,
      steadyClock: options.steadyClock)
  }

  /// Delivers until nothing has been left for a while.
  /// - Throws: ``BellError`` if the daemon's bell cannot be watched.
  public func run() throws(BellError) { try run { true } }

  /// The same, as long as a condition holds.
  package func run(while condition: () -> Bool) throws(BellError) {
    let watch = try BellWatch(bell.folder)
    defer { reportNotices() }
    _ = bell.answer()
    look()
    var idleSince: ContinuousClock.Instant?
    while condition() {
      if bell.answer() { look() }
      let now = ContinuousClock.now
      send(now)
      reportNotices()
      var wake = endpoints.compactMap { $0.wakeAt(now: now) }.min() ?? now + options.longestWait
      if transport.count > 0 || endpoints.contains(where: \.hasWork) {
        idleSince = nil
      } else {
        let since = idleSince ?? now
        idleSince = since
        if now - since >= options.linger { return }
        wake = min(wake, since + options.linger)
      }
      wake = min(wake, now + options.longestWait)
      // One millisecond more, because the wait is in whole milliseconds.
      transport.wait(
        for: watch.descriptor.number, timeout: max(.zero, wake - now) + .milliseconds(1))
      watch.drain()
      transport.perform()
    }
  }

  /// Applies the configuration, and reads the waiting messages.
  private func look() {
    if let plans = load() {
      endpoints = plans.map { plan in
        let same = endpoints.first {
          $0.plan.name == plan.name && $0.plan.fingerprint == plan.fingerprint
        }
        // An unusable endpoint is tried again: its credentials may be available now. If they are not,
        // the reason has been reported.
        if let same, same.settings != nil || same.plan.problem == plan.problem { return same }
        return Endpoint(plan, root: options.root, backoff: options.backoff)
      }
    }
    for endpoint in endpoints { endpoint.look(now: .now) }
    reportNotices()
  }

  private func send(_ now: ContinuousClock.Instant) {
    for endpoint in endpoints {
      guard let errand = endpoint.next(now: now, sender: sender) else { continue }
      transport.start(errand.request) { [options] answer in
        endpoint.finish(errand, answer, now: .now, at: options.clock())
      }
    }
  }

  private func reportNotices() {
    for endpoint in endpoints {
      for notice in endpoint.notices { options.report(notice) }
      endpoint.notices = []
    }
  }
}

/// Becomes readable when the daemon rings the bell.
private struct BellWatch: ~Copyable {
  let descriptor: Descriptor

  init(_ folder: String) throws(BellError) {
    do throws(Errno) {
      let number = try uninterrupted { inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC)) }
      let watch = Descriptor(owning: number)
      try uninterrupted { inotify_add_watch(number, folder, UInt32(IN_CREATE | IN_MOVED_TO)) }
      descriptor = watch
    } catch {
      throw BellError(path: folder, errno: error)
    }
  }

  borrowing func drain() {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while read(descriptor.number, &buffer, buffer.count) > 0 {}
  }
}

/// The daemon's bell cannot be watched.
public struct BellError: Error, Equatable, CustomStringConvertible {
  /// The directory to be watched.
  public var path: String
  /// Why.
  public var errno: Errno

  /// One sentence for the user.
  public var description: String {
    guard errno.code == ENOENT else {
      return "\(path) cannot be watched: \(errno)\(FileAccess.explanation(of: path, errno))"
    }
    return
      "\(path) does not exist: anomalyd creates it when it runs with an output of Type=webhook, "
      + "so start or reload it first; nothing waits to be delivered"
  }
}
