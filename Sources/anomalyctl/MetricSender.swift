import CommandLine
import Control
import Glibc
import Inputs
import System

/// A connection to the socket of an input.
struct MetricSender: ~Copyable {
  /// How long to wait for a daemon that does not read.
  private static let patienceSeconds = 5

  /// The path of the socket.
  let path: String
  private var socket: Descriptor

  /// Connects to the socket at `path`; nil: the system's, if it exists, otherwise that of a daemon
  /// in the foreground.
  init(path: String?) throws(CommandFailure) {
    var usual = [SocketSection.systemPath]
    if let folder = ControlSocketPath.foregroundFolder(
      user: geteuid(), environment: Console.environment)
    {
      usual.append(SocketSection.defaults(runtimeDirectory: folder).path)
    }
    self.path = path ?? usual.first { access($0, F_OK) == 0 } ?? SocketSection.systemPath
    do throws(Errno) {
      socket = try MetricSender.connect(to: self.path)
    } catch {
      throw MetricSender.failure(error, self.path)
    }
  }

  /// Reconnects to the socket that is at the path now.
  mutating func reconnect() throws(Errno) { socket = try MetricSender.connect(to: path) }

  /// Sends one datagram.
  borrowing func send(_ bytes: [UInt8]) throws(Errno) {
    let number = socket.number
    try uninterrupted { Glibc.send(number, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }
  }

  private static func connect(to path: String) throws(Errno) -> Descriptor {
    let socket = try Descriptor(unixSocket: .datagram, blocks: true)
    var patience = timeval(tv_sec: patienceSeconds, tv_usec: 0)
    setsockopt(
      socket.number, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    guard let address = UnixAddress(path: path) else { throw Errno(ENAMETOOLONG) }
    try address.connect(socket)
    return socket
  }

  /// Whether the error means that nobody is receiving at the path at present.
  static func isAbsence(_ error: Errno) -> Bool {
    [ENOENT, ECONNREFUSED, ENOTCONN, ECONNRESET].contains(error.code)
  }

  /// What went wrong and what to do about it.
  static func failure(_ error: Errno, _ path: String) -> CommandFailure {
    let place = Layout.printable(path)
    switch error {
    case _ where isAbsence(error):
      return CommandFailure(
        """
        nothing receives metrics at \(place)
        An [Input NAME] with Type=socket makes the daemon listen; see 'man anomalyd.conf'. If it \
        listens elsewhere, specify its socket with '--socket PATH'.
        """)
    case EACCES:
      return CommandFailure(
        """
        permission denied to send to \(place)
        SocketMode= and SocketGroup= of the input control access.
        """)
    case EAGAIN:
      return CommandFailure(
        """
        the daemon is not reading from \(place)
        It may hang: see 'systemctl status anomalyd'.
        """)
    case EPROTOTYPE:
      return CommandFailure("\(place) is another kind of socket")
    default: return CommandFailure("cannot send to \(place): \(error)")
    }
  }
}
