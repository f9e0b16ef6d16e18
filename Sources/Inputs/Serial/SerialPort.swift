import CSystemd
import Glibc
import System

/// An open serial line, held exclusively.
final class SerialPort {
  /// Readable when bytes are available, or the device is gone.
  let descriptor: Descriptor
  /// Settings that the driver did not accept, in words; nil if it accepted all.
  let difference: String?
  private let path: String

  /// Opens and configures a line, and drops data received before that. Never waits for a carrier,
  /// never becomes the controlling terminal.
  init(path: String, line settings: SerialLine) throws(SerialPortError) {
    do throws(Errno) {
      descriptor = try Descriptor(opening: path, O_RDONLY | O_NONBLOCK)
    } catch EBUSY {
      throw .busy(path: path, holder: DeviceHolder.find(path))
    } catch {
      throw .cannotOpen(path: path, errno: error)
    }
    difference = try SerialPort.prepare(descriptor.number, path: path, settings: settings)
    self.path = path
  }

  deinit {
    // Otherwise the line would stay exclusive for as long as another program has it open.
    _ = ioctl(descriptor.number, UInt(TIOCNXCL))
  }

  /// Reads the available data.
  /// - Returns: the number of bytes read into `target`; 0 if there are none now.
  func read(into target: inout [UInt8]) throws(SerialPortError) -> Int {
    let number = descriptor.number
    let count: Int
    do throws(Errno) {
      count = try uninterrupted {
        target.withUnsafeMutableBytes { Glibc.read(number, $0.baseAddress, $0.count) }
      }
    } catch EAGAIN {
      return 0
    } catch EIO, ENXIO, ENODEV {
      // Drivers report this for a device that was unplugged.
      throw .gone(path: path)
    } catch {
      throw .cannotRead(path: path, errno: error)
    }
    guard count > 0 else { throw .gone(path: path) }
    return count
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
      let error = Errno.last
      if error.code == EWOULDBLOCK { throw .busy(path: path, holder: DeviceHolder.find(path)) }
      throw .cannotSet(path: path, call: "flock", errno: error)
    }
    guard ioctl(descriptor, UInt(TIOCEXCL)) == 0 else {
      throw .cannotSet(path: path, call: "TIOCEXCL", errno: .last)
    }
    var line = serial_line()
    guard serial_line_get(descriptor, &line) == 0 else {
      throw .cannotSet(path: path, call: "TCGETS2", errno: .last)
    }
    settings.apply(to: &line)
    guard serial_line_set(descriptor, &line) == 0 else {
      throw .cannotSet(path: path, call: "TCSETS2", errno: .last)
    }
    // Setting succeeds if any part of it does.
    guard serial_line_get(descriptor, &line) == 0, tcflush(descriptor, TCIFLUSH) == 0 else {
      throw .cannotSet(path: path, call: "TCGETS2", errno: .last)
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
  case cannotOpen(path: String, errno: Errno)
  /// It is not a terminal device.
  case notSerial(path: String)
  /// Another program holds it, with its process if visible.
  case busy(path: String, holder: DeviceHolder?)
  /// A configuring call failed.
  case cannotSet(path: String, call: String, errno: Errno)
  /// The system refused to read it.
  case cannotRead(path: String, errno: Errno)
  /// The device was unplugged.
  case gone(path: String)

  /// One sentence for the user, without what happens next.
  var description: String {
    switch self {
    case .cannotOpen(let path, ENOENT): "\(path): no such device"
    case .cannotOpen(let path, let errno):
      "\(path): cannot open: \(errno)"
        + (errno.code == EACCES ? " (is the daemon in the group of the device?)" : "")
    case .notSerial(let path): "\(path): expected a serial line, found something else"
    case .busy(let path, let holder):
      "\(path): \(holder?.description ?? "another program") has it open and locked, and two readers "
        + "would share the bytes"
    case .cannotSet(let path, let call, let errno):
      "\(path): cannot set the line: \(call): \(errno)"
    case .cannotRead(let path, let errno):
      "\(path): cannot read: \(errno)"
    case .gone(let path): "\(path): the device is gone"
    }
  }
}
