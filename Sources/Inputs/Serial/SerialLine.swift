import CSystemd
import Glibc

/// Speed, character format and flow control of a serial line.
public struct SerialLine: Equatable, Sendable {
  /// `Parity=`: the parity bit.
  public enum Parity: String, CaseIterable, Sendable {
    /// There is none.
    case none
    /// It makes the number of ones even.
    case even
    /// It makes the number of ones odd.
    case odd
    /// It is always one.
    case mark
    /// It is always zero.
    case space
  }

  /// `FlowControl=`: how the receiver stops a sender that is too fast.
  public enum FlowControl: String, CaseIterable, Sendable {
    /// Not at all.
    case none
    /// By the wires RTS and CTS.
    case rtscts
    /// By the bytes XON and XOFF.
    case xonxoff
  }

  /// `Baud=`: bits per second, any rate that the hardware supports.
  public var baud = 9_600
  /// `DataBits=`: 5...8.
  public var dataBits = 8
  /// The parity bit.
  public var parity = Parity.none
  /// `StopBits=`: 1 or 2.
  public var stopBits = 1
  /// How the receiver stops the sender.
  public var flowControl = FlowControl.none

  /// 9600 baud, 8 data bits, no parity, 1 stop bit, no flow control.
  public init() {}

  /// The termios(3) flags for everything but the speed.
  var controlFlags: UInt32 {
    var flags = UInt32(CREAD | CLOCAL)
    flags |= UInt32([CS5, CS6, CS7, CS8][min(max(dataBits, 5), 8) - 5])
    switch parity {
    case .none: break
    case .even: flags |= UInt32(PARENB)
    case .odd: flags |= UInt32(PARENB | PARODD)
    case .mark: flags |= UInt32(PARENB | PARODD) | UInt32(CMSPAR)
    case .space: flags |= UInt32(PARENB) | UInt32(CMSPAR)
    }
    if stopBits == 2 { flags |= UInt32(CSTOPB) }
    if flowControl == .rtscts { flags |= UInt32(CRTSCTS) }
    return flags
  }

  /// Applies these settings to a line's present ones; the line is raw.
  ///
  /// Corrupted bytes (parity, framing, a break) are read as NUL, never skipped: a frame that lacks
  /// a digit would be a wrong value, one with a NUL is malformed. HUPCL is off, so that a restart
  /// of the daemon does not reset boards that use DTR as a reset.
  func apply(to line: inout serial_line) {
    line.input_flags = UInt32(INPCK)
    if flowControl == .xonxoff { line.input_flags |= UInt32(IXON | IXOFF) }
    line.output_flags = 0
    line.local_flags = 0
    line.control_flags = controlFlags | UInt32(SERIAL_LINE_ANY_BAUD)
    line.input_baud = UInt32(baud)
    line.output_baud = UInt32(baud)
    withUnsafeMutableBytes(of: &line.characters) { characters in
      // With VMIN 0 an empty read could not be distinguished from an unplugged device.
      characters[Int(VMIN)] = 1
      characters[Int(VTIME)] = 0
      characters[Int(VSTART)] = 0x11
      characters[Int(VSTOP)] = 0x13
    }
  }

  /// The differences between these settings and a line's present ones, in words; nil if none.
  func difference(from line: serial_line) -> String? {
    var parts: [String] = []
    let actual = Int(line.output_baud)
    // Clock dividers are never exact; beyond some 3% bits are misread.
    if abs(actual - baud) * 33 > baud { parts.append("\(actual) baud instead of \(baud)") }
    func differ(_ mask: UInt32) -> Bool { line.control_flags & mask != controlFlags & mask }
    if differ(UInt32(CSIZE)) { parts.append("another number of data bits than \(dataBits)") }
    if differ(UInt32(PARENB | PARODD) | UInt32(CMSPAR)) {
      parts.append("another parity than \(parity.rawValue)")
    }
    if differ(UInt32(CSTOPB)) { parts.append("another number of stop bits than \(stopBits)") }
    if differ(UInt32(CRTSCTS)) {
      parts.append("another flow control than \(flowControl.rawValue)")
    }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}

/// The possible problems of a serial line; each kind is reported, counted and rate-limited on its
/// own.
enum SerialProblem: Int, InputProblem {
  case closed
  case lost
  case noise
  case tooLong
  case half
  case malformed
  case metricLimit
  case senseless

  var plural: String? {
    switch self {
    case .closed, .lost: nil
    case .noise: "lines with unprintable bytes"
    case .tooLong: "lines that are too long"
    case .half: "half lines"
    case .malformed: "malformed lines"
    case .metricLimit: "lines with too many names"
    case .senseless: "lines that made no sense"
    }
  }
}
