import CSystemd
import Glibc

/// A Unix socket that receives datagrams at a path, with the user and process of each sender.
///
/// Its own file is removed with it; a socket that the service manager holds (`LISTEN_FDS`,
/// sd_listen_fds(3)) is left to the service manager.
final class DatagramSocket {
  /// Readable when a datagram is available.
  let descriptor: Int32
  /// Whether the service manager created it.
  let isActivated: Bool
  private let path: String
  /// The same as a string for the system, which is called with it every second.
  private let pathBytes: [CChar]
  private let file: SocketFileIdentity?

  /// A received datagram.
  struct Datagram {
    /// Its length; of one longer than the buffer, only the beginning is available.
    var count: Int
    /// The sender's user.
    var user: UInt32
    /// The sender's process; 0 if it is not one of this system.
    var process: Int32
  }

  /// Listens at `path`. A file left by a dead daemon is replaced; one with a listener is not. A
  /// missing last directory is created.
  init(path: String, mode: UInt32, group: String) throws(DatagramSocketError) {
    self.path = path
    pathBytes = Array(path.utf8CString)
    if let activated = DatagramSocket.activated(path) {
      descriptor = activated
      isActivated = true
      file = nil
      DatagramSocket.wantCredentials(activated)
      return
    }
    isActivated = false
    guard let address = DatagramAddress(path: path) else { throw .badPath(path) }
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
      let folder = String(path[..<slash])
      if mkdir(folder, 0o755) != 0, errno != EEXIST {
        throw .system(path: path, call: "mkdir", errno: errno)
      }
    }
    descriptor = try DatagramSocket.make(path)
    do throws(DatagramSocketError) {
      file = try DatagramSocket.listen(
        descriptor, at: path, address: address, mode: mode, group: group)
    } catch {
      close(descriptor)
      throw error
    }
  }

  deinit {
    close(descriptor)
    // Another daemon may have put its own there since.
    if let file, SocketFileIdentity(pathBytes) == file { unlink(path) }
  }

  /// Whether the path still leads to this socket.
  var isReachable: Bool { file == nil || SocketFileIdentity(pathBytes) == file }

  /// Receives the next datagram without blocking.
  /// - Returns: nil if there is none.
  func receive(into buffer: inout [UInt8]) throws(DatagramSocketError) -> Datagram? {
    var sender = datagram_sender()
    while true {
      let count = buffer.withUnsafeMutableBytes {
        datagram_receive(descriptor, $0.baseAddress, $0.count, &sender)
      }
      if count >= 0 { return Datagram(count: count, user: sender.user, process: sender.process) }
      switch errno {
      case EINTR: continue
      case EAGAIN: return nil
      case let code: throw .system(path: path, call: "recvmsg", errno: code)
      }
    }
  }

  // MARK: Creating one

  private static func make(_ path: String) throws(DatagramSocketError) -> Int32 {
    let kind = SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
    let made = socket(AF_UNIX, Int32(kind), 0)
    guard made >= 0 else { throw .system(path: path, call: "socket", errno: errno) }
    return made
  }

  private static func wantCredentials(_ descriptor: Int32) {
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_PASSCRED, &yes, socklen_t(MemoryLayout<Int32>.size))
  }

  private static func listen(
    _ descriptor: Int32,
    at path: String,
    address: DatagramAddress,
    mode: UInt32,
    group: String
  ) throws(DatagramSocketError) -> SocketFileIdentity? {
    // Before anyone can send, or the first datagrams would have no sender.
    wantCredentials(descriptor)
    // The file gets the mode of the socket: access is granted only once it has its group.
    fchmod(descriptor, 0)
    var code = address.bind(descriptor)
    if code == EADDRINUSE {
      try removeStale(path, address)
      code = address.bind(descriptor)
    }
    guard code == 0 else { throw .system(path: path, call: "bind", errno: code) }
    let file = SocketFileIdentity(Array(path.utf8CString))
    do throws(DatagramSocketError) {
      if !group.isEmpty { try give(path, to: group) }
      guard chmod(path, mode) == 0 else {
        throw .system(path: path, call: "chmod", errno: errno)
      }
    } catch {
      unlink(path)
      throw error
    }
    return file
  }

  private static func give(_ path: String, to group: String) throws(DatagramSocketError) {
    var entry = Glibc.group()
    var found: UnsafeMutablePointer<Glibc.group>?
    var strings = [CChar](repeating: 0, count: 1 << 16)
    let code = getgrnam_r(group, &entry, &strings, strings.count, &found)
    guard code == 0 else { throw .system(path: path, call: "getgrnam", errno: code) }
    guard found != nil else { throw .noGroup(path: path, group: group) }
    guard chown(path, uid_t.max, entry.gr_gid) == 0 else {
      let code = errno
      if code == EPERM { throw .notInGroup(path: path, group: group) }
      throw .system(path: path, call: "chown", errno: code)
    }
  }

  private static func removeStale(
    _ path: String,
    _ address: DatagramAddress
  ) throws(DatagramSocketError) {
    var facts = stat()
    guard lstat(path, &facts) == 0 else { return }
    guard facts.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path) }
    let probe = try make(path)
    defer { close(probe) }
    switch address.connect(probe) {
    // Only a refusal means that there is no listener.
    case ECONNREFUSED: break
    case EACCES: throw .system(path: path, call: "connect", errno: EACCES)
    default: throw .inUse(path)
    }
    guard unlink(path) == 0 else { throw .system(path: path, call: "unlink", errno: errno) }
  }

  /// A duplicate of the socket at `path` that the service manager passed, if it did: the passed one
  /// stays open, because it is passed only once and an input may return on a reload.
  private static func activated(_ path: String) -> Int32? {
    for offset in 0..<max(0, sd_listen_fds(0)) {
      let passed = SD_LISTEN_FDS_START + offset
      guard sd_is_socket_unix(passed, Int32(SOCK_DGRAM.rawValue), -1, path, 0) > 0 else {
        continue
      }
      let own = fcntl(passed, F_DUPFD_CLOEXEC, 3)
      return own >= 0 ? own : nil
    }
    return nil
  }
}

/// The address of a Unix socket with a path.
private struct DatagramAddress {
  private var address = sockaddr_un()

  /// Nil if the path is empty, too long or contains a NUL.
  init?(path: String) {
    let bytes = Array(path.utf8)
    let room = MemoryLayout.size(ofValue: address.sun_path) - 1
    guard (1...room).contains(bytes.count), !bytes.contains(0) else { return nil }
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
  }

  /// 0, or the system's error code.
  func bind(_ descriptor: Int32) -> Int32 {
    withPointer { Glibc.bind(descriptor, $0, $1) == 0 ? 0 : errno }
  }

  /// 0, or the system's error code.
  func connect(_ descriptor: Int32) -> Int32 {
    withPointer { Glibc.connect(descriptor, $0, $1) == 0 ? 0 : errno }
  }

  private func withPointer(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    var address = address
    return withUnsafeBytes(of: &address) { bytes in
      bytes.withMemoryRebound(to: sockaddr.self) { address in
        guard let base = address.baseAddress else { return EINVAL }
        return body(base, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}

/// The identity of the file at a path.
private struct SocketFileIdentity: Equatable {
  let device: UInt
  let inode: UInt

  /// - Parameter path: ends in NUL.
  init?(_ path: [CChar]) {
    var facts = stat()
    guard lstat(path, &facts) == 0 else { return nil }
    device = UInt(facts.st_dev)
    inode = UInt(facts.st_ino)
  }
}

/// Why a socket is unusable.
enum DatagramSocketError: Error, Equatable, CustomStringConvertible {
  /// The path is empty or too long for a socket.
  case badPath(String)
  /// Another program listens there.
  case inUse(String)
  /// Something that is not a socket is in the way.
  case notASocket(String)
  /// There is no such group.
  case noGroup(path: String, group: String)
  /// The daemon may not assign that group to a file.
  case notInGroup(path: String, group: String)
  /// A system call failed.
  case system(path: String, call: String, errno: Int32)

  /// One sentence for the user, without what happens next.
  var description: String {
    switch self {
    case .badPath(let path): "\(path): expected a path of 1 to 107 bytes"
    case .inUse(let path): "\(path): another program listens there already"
    case .notASocket(let path): "\(path): expected nothing or an old socket, found something else"
    case .noGroup(let path, let group): "\(path): there is no group \(group) (SocketGroup=)"
    case .notInGroup(let path, let group):
      "\(path): cannot be assigned to the group \(group) (SocketGroup=), as the daemon is not in it; "
        + "SupplementaryGroups=\(group) in a drop-in of anomalyd.service fixes that"
    case .system(let path, let call, let errno):
      "\(path): \(call): \(String(cString: strerror(errno)))"
    }
  }
}
