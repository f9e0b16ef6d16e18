import CommandLine
import Glibc
import Inputs
import Series
import System

/// `anomalyctl send --lines`: relays lines from a descriptor to the socket of an input, as they
/// arrive.
///
/// It survives a restart of the daemon: meanwhile lines stay unread in the pipe. If the daemon is
/// away for longer, lines are dropped and counted. Counters that arrived minutes late would look
/// like a burst, and gauges like present values.
package struct LineRelay: ~Copyable {
  /// The smallest limit that an input can have: a longer datagram might be dropped.
  private static let datagramBytes = 512
  /// The longest line. Inputs accept at most 64 kB in a datagram (`MaximumDatagramBytes=`).
  private static let lineBytes = 64 << 10
  /// How many malformed lines are reported individually.
  private static let reportedLines = 10
  /// Microseconds between two attempts to reach the daemon.
  private static let pause: UInt32 = 100_000

  private var sender: MetricSender
  private let attempts: Int
  private let note: (String) -> Void
  /// The beginning of an incomplete line.
  private var unfinished: [UInt8] = []
  private var skipsLine = false
  private var datagram: [UInt8] = []
  private var linesInDatagram = 0
  private var lines = 0
  private var malformed = 0
  private var lost = 0

  /// A relay to the socket at `path`, see ``MetricSender``.
  /// - Parameters:
  ///   - patience: how long lines wait for a daemon that has gone.
  ///   - note: reports to the user, in whole lines.
  package init(
    to path: String?, patience: Duration = .seconds(5), note: @escaping (String) -> Void
  ) throws(CommandFailure) {
    sender = try MetricSender(path: path)
    attempts = Int(patience / .microseconds(Int64(LineRelay.pause)))
    self.note = { note("anomalyctl: \($0)\n") }
  }

  /// Sends lines until the descriptor ends.
  package mutating func run(from descriptor: Int32) throws(CommandFailure) {
    var buffer = [UInt8](repeating: 0, count: LineRelay.lineBytes)
    while true {
      let count: Int
      do throws(Errno) {
        count = try uninterrupted { read(descriptor, &buffer, buffer.count) }
      } catch {
        throw CommandFailure("cannot read standard input: \(error)")
      }
      if count == 0 { break }
      try take(buffer[..<count])
      // A read returns everything available at present: nothing waits for a datagram to fill up.
      try flush()
    }
    if !unfinished.isEmpty { try add(unfinished) }
    try flush()
    if malformed > LineRelay.reportedLines { note("\(malformed) of \(lines) lines were malformed") }
    if lost > 0 { note(HumanNumber.counted(lost, "line") + " lost") }
  }

  private mutating func take(_ bytes: ArraySlice<UInt8>) throws(CommandFailure) {
    var rest = bytes
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      if !skipsLine { try add(unfinished + rest[..<end]) }
      skipsLine = false
      unfinished.removeAll(keepingCapacity: true)
      rest = rest[(end + 1)...]
    }
    guard !skipsLine else { return }
    unfinished += rest
    guard unfinished.count > LineRelay.lineBytes else { return }
    skipsLine = true
    unfinished.removeAll(keepingCapacity: true)
    lines += 1
    reportLength()
  }

  private mutating func add(_ line: [UInt8]) throws(CommandFailure) {
    lines += 1
    guard line.count <= LineRelay.lineBytes else { return reportLength() }
    // Sent nevertheless: the daemon counts and logs it with its sender.
    if let fault = SocketSection.fault(in: line) { report(fault) }
    if !datagram.isEmpty, datagram.count + 1 + line.count > LineRelay.datagramBytes { try flush() }
    if !datagram.isEmpty { datagram.append(UInt8(ascii: "\n")) }
    datagram += line
    linesInDatagram += 1
  }

  private mutating func reportLength() {
    report("expected at most \(LineRelay.lineBytes) bytes, found more; skipping the line")
  }

  private mutating func report(_ fault: String) {
    malformed += 1
    if malformed <= LineRelay.reportedLines { note("line \(lines): \(fault)") }
    if malformed == LineRelay.reportedLines { note("further malformed lines are counted only") }
  }

  private mutating func flush() throws(CommandFailure) {
    guard !datagram.isEmpty else { return }
    defer {
      datagram.removeAll(keepingCapacity: true)
      linesInDatagram = 0
    }
    do throws(Errno) {
      try deliver()
      if lost > 0 {
        note("the daemon is listening again; \(HumanNumber.counted(lost, "line")) lost")
      }
      lost = 0
    } catch {
      guard MetricSender.isAbsence(error) || error == Errno(EAGAIN) else {
        throw MetricSender.failure(error, sender.path)
      }
      if lost == 0 {
        note(
          "\(Layout.printable(sender.path)): \(error); lines are dropped until the daemon listens")
      }
      lost += linesInDatagram
    }
  }

  /// Sends the datagram; waits for the next daemon if the previous one has gone, unless it has
  /// already waited in vain.
  private mutating func deliver() throws(Errno) {
    var attempt = 0
    while true {
      do throws(Errno) {
        if attempt > 0 || lost > 0 { try sender.reconnect() }
        return try sender.send(datagram)
      } catch {
        guard MetricSender.isAbsence(error), lost == 0, attempt < attempts else { throw error }
      }
      attempt += 1
      usleep(LineRelay.pause)
    }
  }
}
