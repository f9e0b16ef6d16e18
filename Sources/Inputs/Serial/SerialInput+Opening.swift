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

  /// Whether it is another device than the one that refused last.
  func isNew(_ device: SerialDeviceIdentity?) -> Bool { device != refused }

  /// Notes a failure.
  mutating func failed(_ device: SerialDeviceIdentity?, at now: Timestamp) {
    wait =
      device == refused && due != nil
      ? min(max(wait * 2, .seconds(1)), SerialReopening.longest) : .seconds(1)
    refused = device
    due = now.advanced(by: wait)
  }

  /// Notes that the line works.
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
      // That it is not back yet is no news. A device that was plugged in just now may be about to
      // get its owner and permissions.
      let isExpected = openings > 0 && (identity == nil || reopening.isNew(identity))
      reopening.failed(identity, at: now)
      isLossTold =
        problems.add(isExpected ? .lost : .closed, at: now) {
          "\(error), trying again until it opens"
        } || isLossTold
      return
    }
    port = opened
    openedAt = now
    isProven = false
    openings += 1
    frames = 0
    quietSince = now
    framer.restart()
    if let difference = opened.difference {
      problems.warn(
        "\(configuration.device): expected the line as configured, found \(difference), reading it "
          + "as it is",
        at: now
      )
    }
  }

  /// Believes that the line works: only when it has spoken, or stayed open for a while, as some
  /// devices can be opened on their way out.
  func prove(at now: Timestamp, hasSpoken: Bool) {
    guard !isProven, hasSpoken || now.elapsed(since: openedAt) >= SerialLimits.probation else {
      return
    }
    isProven = true
    reopening.succeeded()
    problems.summarize(.closed)
    if isLossTold { problems.inform("\(configuration.device): open again, reading on") }
    isLossTold = false
  }

  /// Gives up a line that cannot be read any more.
  func lose(_ error: SerialPortError, at now: Timestamp) {
    port = nil
    framer.restart()
    // A loose plug is one trouble, not one for each contact.
    if now.elapsed(since: openedAt) >= SerialLimits.settledLine { problems.summarize(.lost) }
    isLossTold =
      problems.add(.lost, at: now) { "\(error), opening it again as soon as it is back" }
      || isLossTold
    // What is there now may be the old device on its way out.
    reopening.failed(SerialPort.identity(of: configuration.device), at: now)
  }
}
