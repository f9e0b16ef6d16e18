import CSystemd
import Glibc
import Series
import System

/// Notifications to the service manager about the daemon's state (sd_notify(3)).
public struct ServiceManager {
  private let send: (String) -> Void
  private let offer: (String) -> Bool

  /// The one that started this process (`NOTIFY_SOCKET`); does nothing if there is none.
  public init() {
    let socket = NotifySocket(getenv("NOTIFY_SOCKET").map { String(cString: $0) })
    send = { sd_notify(0, $0) }
    offer = { socket?.offer($0) ?? true }
  }

  /// One that receives each message through `send`.
  public init(send: @escaping (String) -> Void) {
    self.send = send
    offer = {
      send($0)
      return true
    }
  }

  /// Startup, or a reload, is complete.
  package func ready(status: String) { send("READY=1\nSTATUS=" + line(status)) }
  /// The text shown by `systemctl status`. Never waits for a busy service manager.
  /// - Returns: whether it was accepted; if not, it may be sent again later.
  package func status(_ text: String) -> Bool { offer("STATUS=" + line(text)) }
  /// A reload begins.
  func reloading() {
    send("RELOADING=1\nMONOTONIC_USEC=\(MonotonicTime.awake.microseconds)")
  }
  /// The daemon needs up to `time` from now on to stop, regardless of `TimeoutStopSec=`.
  func extendStop(by time: Duration) { _ = offer("EXTEND_TIMEOUT_USEC=\(time.microseconds)") }
  /// The daemon is about to exit; does not block either, or it would delay the shutdown.
  func stopping() { _ = offer("STOPPING=1\nSTATUS=Saving state") }

  /// To the service manager, each line is a separate assignment.
  private func line(_ text: String) -> String { PrintableText.line(text) }
}
