import Glibc
import Series

/// When the next attempt to open a line is due.
///
/// A device under another identity (plugged in again, or with new permissions) is tried at once;
/// one that refused stays alone for longer and longer, up to half a minute.
struct SerialReopening {
  private var refused: SerialDeviceIdentity?
  private var wait = Duration.zero
  private var due: Timestamp?
  private static let longest = Duration.seconds(30)

  /// Whether to try now.
  func isDue(_ device: SerialDeviceIdentity?, at now: Timestamp) -> Bool {
    guard let due else { return true }
    if device != refused { return true }
    // A clock that was set back must not hold anything up.
    return now >= due || now.elapsed(since: due) < .zero - SerialReopening.longest
  }

  /// Notes a failure.
  mutating func failed(_ device: SerialDeviceIdentity?, at now: Timestamp) {
    wait =
      device == refused && due != nil
      ? min(max(wait * 2, .seconds(1)), SerialReopening.longest) : .seconds(1)
    refused = device
    due = now.advanced(by: wait)
  }

  /// Notes success.
  mutating func succeeded() { self = SerialReopening() }
}

/// How the line is opened and lost.
extension SerialInput {
  func open(at now: Timestamp) {
    let identity = SerialPort.identity(of: configuration.device)
    guard reopening.isDue(identity, at: now) else { return }
    let opened: SerialPort
    do throws(SerialPortError) {
      opened = try SerialPort(path: configuration.device, line: configuration.line)
    } catch {
      reopening.failed(identity, at: now)
      complaints.add(.closed, at: now) { "\(error), trying again until it opens" }
      return
    }
    port = opened
    openings += 1
    frames = 0
    quietSince = now
    framer.restart()
    if let difference = opened.difference {
      complaints.warn(
        "\(configuration.device): expected the line as configured, found \(difference), reading it "
          + "as it is",
        at: now
      )
    }
    if reopening != SerialReopening() || openings > 1 {
      complaints.inform("\(configuration.device): open again, reading on")
    }
    reopening.succeeded()
    complaints.settle(.closed)
  }

  /// Gives up a line that cannot be read any more.
  func lose(_ error: SerialPortError, at now: Timestamp) {
    port = nil
    framer.restart()
    complaints.add(.closed, at: now) { "\(error), opening it again as soon as it is back" }
    // What is there now may be the old device on its way out.
    reopening.failed(SerialPort.identity(of: configuration.device), at: now)
  }
}

extension SerialReopening: Equatable {}
