import CSystemd
import Glibc
import System

/// The service manager's ear: what it is told of the daemon's life (sd_notify(3)).
public struct ServiceManager {
  private let send: (String) -> Void
  private let offer: (String) -> Bool

  /// The one that started this process (`NOTIFY_SOCKET`); nobody hears where there is none.
  public init() {
    let socket = NotifySocket(getenv("NOTIFY_SOCKET").map { String(cString: $0) })
    send = { sd_notify(0, $0) }
    offer = { socket?.offer($0) ?? true }
  }

  /// One that gets each message through `send`.
  public init(send: @escaping (String) -> Void) {
    self.send = send
    offer = {
      send($0)
      return true
    }
  }

  /// Start-up, or a reload, is complete.
  func ready(status: String) { send("READY=1\nSTATUS=" + line(status)) }
  /// What `systemctl status` shows. Never waits for a service manager that is busy.
  /// - Returns: whether it was taken; if not, it may be offered again later.
  func status(_ text: String) -> Bool { offer("STATUS=" + line(text)) }
  /// A reload begins.
  func reloading() {
    send("RELOADING=1\nMONOTONIC_USEC=\(MonotonicTime.awake.microseconds)")
  }
  /// The daemon is about to end; does not wait either, or the end would.
  func stopping() { _ = offer("STOPPING=1\nSTATUS=Saving state") }

  private func line(_ text: String) -> String {
    String(text.map { $0.isNewline ? " " : $0 })
  }
}
