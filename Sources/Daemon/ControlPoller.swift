import CSystemd
import Control

/// Notifies the control socket's server of ready descriptors.
final class ControlPoller: DescriptorPoller {
  private let loop: EventLoop
  private var sources: [Int32: DescriptorSource] = [:]
  private let log: Log
  /// Receives readiness.
  var onReady: (Int32, Readiness) -> Void = { _, _ in }

  init(loop: EventLoop, log: Log) {
    self.loop = loop
    self.log = log
  }

  func watch(_ descriptor: Int32, for events: Readiness) {
    var mask: UInt32 = 0
    if events.contains(.read) { mask |= EPOLLIN.rawValue }
    if events.contains(.write) { mask |= EPOLLOUT.rawValue }
    do throws(EventLoopError) {
      if let source = sources[descriptor] {
        try source.watch(mask)
      } else {
        sources[descriptor] = try loop.onReady(descriptor, events: mask) { [unowned self] ready in
          onReady(descriptor, ControlPoller.readiness(ready))
        }
      }
    } catch {
      log.warning("cannot poll a control client: \(error); it will get no answer")
    }
  }

  func unwatch(_ descriptor: Int32) {
    sources[descriptor] = nil
  }

  private static func readiness(_ ready: UInt32) -> Readiness {
    if ready & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 { return [.read, .write] }
    var result: Readiness = []
    if ready & EPOLLIN.rawValue != 0 { result.insert(.read) }
    if ready & EPOLLOUT.rawValue != 0 { result.insert(.write) }
    return result
  }
}
