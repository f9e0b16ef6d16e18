import CSystemd
import Glibc

/// An open serial line, locked exclusively; closes its descriptor on deinit.
final class SerialPort {
  /// Readable when bytes are available, or the device is gone.
  let descriptor: Int32
  /// Settings that the driver did not accept, in words; nil if it accepted all.
  let difference: String?
  private let path: String

  /// Opens and configures a line, and drops what was received before that. Never waits for a
  /// carrier, never becomes the controlling terminal.
  init(path: String, line settings: SerialLine) throws(SerialPortError) {
    var opened: Int32
    repeat {
      opened = open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
    } while opened < 0 && errno == EINTR
    guard opened >= 0 else {
      let code = errno
      if code == EBUSY { throw .busy(path: path, holder: DeviceHolder.find(path)) }
      throw .cannotOpen(path: path, errno: code)
    }
    do throws(SerialPortError) {
      difference = try SerialPort.prepare(opened, path: path, settings: settings)
    } catch {
      close(opened)
      throw error
    }
    descriptor = opened
    self.path = path
  }

  deinit {
    // Otherwise the line would stay exclusive for as long as another program has it open.
    _ = ioctl(descriptor, UInt(TIOCNXCL))
    close(descriptor)
  }

  /// Reads what is available.
  /// - Returns: how many bytes of `target` it fills; 0 if there is nothing now.
  func read(into target: inout [UInt8]) throws(SerialPortError) -> Int {
    while true {
      let count = target.withUnsafeMutableBytes {
        Glibc.read(descriptor, $0.baseAddress, $0.count)
      }
      if count > 0 { return count }
      if count == 0 { throw .gone(path: path) }
      switch errno {
      case EINTR: continue
      case EAGAIN: return 0
      // Errors that drivers return for an unplugged device.
      case EIO, ENXIO, ENODEV: throw .gone(path: path)
      case let code: throw .cannotRead(path: path, errno: code)
      }
    }
  }

  /// The identity of the device at a path, so that another one under the same name is noticed; nil
  /// if there is none.
  static func identity(of path: String) -> SerialDeviceIdentity? {
    var facts = stat()
    guard stat(path, &facts) == 0 else { return nil }
    return SerialDeviceIdentity(
      inode: UInt64(facts.st_ino),
      device: UInt64(facts.st_rdev),
      changed: Int64(facts.st_ctim.tv_sec) &* 1_000_000_000 &+ Int64(facts.st_ctim.tv_nsec)
    )
  }

  /// Locks and configures an open descriptor.
  /// - Returns: ``difference``.
  private static func prepare(
    _ descriptor: Int32,
    path: String,
    settings: SerialLine
  ) throws(SerialPortError) -> String? {
    guard isatty(descriptor) == 1 else { throw .notSerial(path: path) }
    // The lock excludes cooperating programs, even root's; the flag excludes all others.
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      if code == EWOULDBLOCK { throw .busy(path: path, holder: DeviceHolder.find(path)) }
      throw .cannotSet(path: path, call: "flock", errno: code)
    }
    guard ioctl(descriptor, UInt(TIOCEXCL)) == 0 else {
      throw .cannotSet(path: path, call: "TIOCEXCL", errno: errno)
    }
    var line = serial_line()
    guard serial_line_get(descriptor, &line) == 0 else {
      throw .cannotSet(path: path, call: "TCGETS2", errno: errno)
    }
    settings.apply(to: &line)
    guard serial_line_set(descriptor, &line) == 0 else {
      throw .cannotSet(path: path, call: "TCSETS2", errno: errno)
    }
    // Setting succeeds if any part of it does.
    guard serial_line_get(descriptor, &line) == 0, tcflush(descriptor, TCIFLUSH) == 0 else {
      throw .cannotSet(path: path, call: "TCGETS2", errno: errno)
    }
    return settings.difference(from: line)
  }
}

/// Distinguishes a device from a later one with the same name.
struct SerialDeviceIdentity: Equatable {
  var inode: UInt64
  var device: UInt64
  var changed: Int64
}

/// Why a serial line is unusable.
enum SerialPortError: Error, Equatable, CustomStringConvertible {
  /// The system refused to open it.
  case cannotOpen(path: String, errno: Int32)
  /// It is not a terminal device.
  case notSerial(path: String)
  /// Another program holds it, with its process if visible.
  case busy(path: String, holder: DeviceHolder?)
  /// A configuring call failed.
  case cannotSet(path: String, call: String, errno: Int32)
  /// The system refused to read it.
  case cannotRead(path: String, errno: Int32)
  /// The device was unplugged.
  case gone(path: String)

  /// One sentence for the user, without what happens next.
  var description: String {
    switch self {
    case .cannotOpen(let path, ENOENT): "\(path): no such device"
    case .cannotOpen(let path, let errno):
      "\(path): cannot open: \(String(cString: strerror(errno)))"
        + (errno == EACCES ? " (is the daemon in the group of the device?)" : "")
    case .notSerial(let path): "\(path): expected a serial line, found something else"
    case .busy(let path, let holder):
      "\(path): \(holder?.description ?? "another program") has it open and locked, and two readers "
        + "would share the bytes"
    case .cannotSet(let path, let call, let errno):
      "\(path): cannot set the line: \(call): \(String(cString: strerror(errno)))"
    case .cannotRead(let path, let errno):
      "\(path): cannot read: \(String(cString: strerror(errno)))"
    case .gone(let path): "\(path): the device is gone"
    }
  }
}
