import Glibc
import Series

/// When the next attempt to open a line is due.
///
/// A device with another identity (plugged in again, or with new permissions) is tried immediately;
/// one that refused is retried with increasing delays, up to half a minute.
struct SerialReopening {
  private var refused: SerialDeviceIdentity?
  private var wait = Duration.zero
  private var due: Timestamp?
  private static let longest = Duration.seconds(30)

  /// Whether to try now.
  func isDue(_ device: SerialDeviceIdentity?, at now: Timestamp) -> Bool {
    guard let due else { return true }
    if device != refused { return true }
    // A clock that was set back must not delay anything.
    return now >= due || now.elapsed(since: due) < .zero - SerialReopening.longest
  }

  /// Whether it is a different device than the one that refused last.
  func isNew(_ device: SerialDeviceIdentity?) -> Bool { device != refused }

  /// Records a failure.
  mutating func failed(_ device: SerialDeviceIdentity?, at now: Timestamp) {
    wait =
      device == refused && due != nil
      ? min(max(wait * 2, .seconds(1)), SerialReopening.longest) : .seconds(1)
    refused = device
    due = now.advanced(by: wait)
  }

  /// Records that the line works.
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
      // That it is still missing is not news. A device plugged in just now may not have its owner
      // and permissions yet.
      let isExpected = openings > 0 && (identity == nil || reopening.isNew(identity))
      reopening.failed(identity, at: now)
      hasReportedLoss =
        problems.add(isExpected ? .lost : .closed, at: now) {
          "\(error), retrying until it opens"
        } || hasReportedLoss
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

  /// Considers the line working only once it has sent something, or stayed open for some time,
  /// since some devices can still be opened while they disappear.
  func prove(at now: Timestamp, hasSpoken: Bool) {
    guard !isProven, hasSpoken || now.elapsed(since: openedAt) >= SerialLimits.probation else {
      return
    }
    isProven = true
    reopening.succeeded()
    problems.summarize(.closed)
    if hasReportedLoss { problems.inform("\(configuration.device): open again, reading on") }
    hasReportedLoss = false
  }

  /// Closes a line that can no longer be read.
  func lose(_ error: SerialPortError, at now: Timestamp) {
    port = nil
    framer.restart()
    // A loose plug is one problem, not one per contact.
    if now.elapsed(since: openedAt) >= SerialLimits.settledLine { problems.summarize(.lost) }
    hasReportedLoss =
      problems.add(.lost, at: now) { "\(error), reopening it as soon as it is back" }
      || hasReportedLoss
    // What is there now may be the old device disappearing.
    reopening.failed(SerialPort.identity(of: configuration.device), at: now)
  }
}
