import CommandLine
import Control
import Glibc
import Inputs
import System

/// Sends lines to the socket of an input, several in one datagram.
struct MetricSender: ~Copyable {
  /// The smallest limit that an input can be given: a longer datagram might be dropped.
  private static let datagramBytes = 512
  /// How long to wait for a daemon that does not read.
  private static let patienceSeconds = 5

  private let socket: Descriptor
  private let path: String
  private var pending = ""

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
      let socket = try Descriptor(unixSocket: .datagram, blocks: true)
      var patience = timeval(tv_sec: MetricSender.patienceSeconds, tv_usec: 0)
      setsockopt(
        socket.number, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
      guard let address = UnixAddress(path: self.path) else { throw Errno(ENAMETOOLONG) }
      try address.connect(socket)
      self.socket = socket
    } catch {
      throw MetricSender.failure(error, self.path)
    }
  }

  /// Sends a line, together with others.
  mutating func add(_ line: String) throws(CommandFailure) {
    if !pending.isEmpty, pending.utf8.count + 1 + line.utf8.count > MetricSender.datagramBytes {
      try flush()
    }
    pending += pending.isEmpty ? line : "\n" + line
  }

  /// Sends what waits.
  mutating func flush() throws(CommandFailure) {
    guard !pending.isEmpty else { return }
    let bytes = Array(pending.utf8)
    pending = ""
    let number = socket.number
    do throws(Errno) {
      try uninterrupted { Glibc.send(number, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }
    } catch {
      throw MetricSender.failure(error, path)
    }
  }

  /// What went wrong and what to do about it.
  private static func failure(_ error: Errno, _ path: String) -> CommandFailure {
    let place = Layout.printable(path)
    switch error {
    case ENOENT, ECONNREFUSED, ENOTCONN, ECONNRESET:
      return CommandFailure(
        """
        there is no receiver of metrics at \(place)
        An [Input NAME] with Type=socket makes the daemon do so; see 'man anomalyd.conf'. If it \
        listens elsewhere, say where with '--socket PATH'.
        """)
    case EACCES:
      return CommandFailure(
        """
        you may not send to \(place)
        SocketMode= and SocketGroup= of the input say who may.
        """)
    case EAGAIN:
      return CommandFailure(
        """
        the daemon does not take what is sent to \(place)
        It may be stuck: see 'systemctl status anomalyd'.
        """)
    case EPROTOTYPE:
      return CommandFailure("\(place) is another kind of socket")
    default: return CommandFailure("cannot send to \(place): \(error)")
    }
  }
}
