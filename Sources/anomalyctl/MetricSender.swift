import CommandLine
import Control
import Glibc
import Inputs

/// Sends lines to the socket of an input, several in one datagram.
struct MetricSender: ~Copyable {
  /// The smallest limit that an input can be given: a longer datagram might be dropped.
  private static let datagramBytes = 512
  /// How long to wait for a daemon that does not read.
  private static let patienceSeconds = 5

  private let descriptor: Int32
  private let path: String
  private var pending = ""

  /// Connects to the socket at `path`; nil for the first of the usual places where one is.
  init(path: String?) throws(CommandFailure) {
    let places = [
      SocketSection.systemPath,
      SocketSection.defaults(
        runtimeDirectory: ControlSocketPath.folderOfUser(Console.environment)
      ).path,
    ]
    self.path = path ?? places.first { access($0, F_OK) == 0 } ?? SocketSection.systemPath
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else {
      throw CommandFailure("cannot make a socket: \(Console.words(for: errno))")
    }
    var patience = timeval(tv_sec: MetricSender.patienceSeconds, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    let code = MetricSender.connect(descriptor, to: self.path)
    guard code == 0 else { throw MetricSender.failure(code, self.path) }
  }

  deinit { close(descriptor) }

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
    var sent: Int
    repeat {
      sent = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    } while sent < 0 && errno == EINTR
    guard sent == bytes.count else { throw MetricSender.failure(errno, path) }
  }

  private static func connect(_ descriptor: Int32, to path: String) -> Int32 {
    var address = sockaddr_un()
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return ENAMETOOLONG }
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return withUnsafePointer(to: &address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 ? 0 : errno
      }
    }
  }

  /// What went wrong and what to do about it.
  private static func failure(_ code: Int32, _ path: String) -> CommandFailure {
    let place = Layout.printable(path)
    switch code {
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
    default: return CommandFailure("cannot send to \(place): \(Console.words(for: code))")
    }
  }
}
