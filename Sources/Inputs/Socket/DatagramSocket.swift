import CSystemd
import Glibc
import System

/// A Unix socket that receives datagrams at a path, with the user and process of each sender.
///
/// Its own file is removed with it; a socket held by the service manager (`LISTEN_FDS`,
/// sd_listen_fds(3)) is left to the service manager.
final class DatagramSocket {
  /// Readable when a datagram is available.
  let descriptor: Descriptor
  /// Whether the service manager created it.
  let isActivated: Bool
  private let path: String
  /// The same as a C string, which is passed to the system every second.
  private let pathBytes: [CChar]
  private let file: FileIdentity?

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
      DatagramSocket.wantCredentials(descriptor)
      return
    }
    isActivated = false
    guard let address = UnixAddress(path: path) else { throw .badPath(path) }
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
      let folder = String(path[..<slash])
      if mkdir(folder, 0o755) != 0, errno != EEXIST {
        throw .system(path: path, call: "mkdir", errno: .last)
      }
    }
    do throws(Errno) {
      descriptor = try Descriptor(unixSocket: .datagram)
    } catch {
      throw .system(path: path, call: "socket", errno: error)
    }
    file = try DatagramSocket.listen(
      descriptor, at: path, address: address, mode: mode, group: group)
  }

  deinit {
    // Another daemon may have put its own there since.
    if let file, FileIdentity(at: pathBytes) == file { unlink(path) }
  }

  /// Whether the path still leads to this socket.
  var isReachable: Bool { file == nil || FileIdentity(at: pathBytes) == file }

  /// Receives the next datagram without blocking.
  /// - Returns: nil if there is none.
  func receive(into buffer: inout [UInt8]) throws(DatagramSocketError) -> Datagram? {
    var sender = datagram_sender()
    let number = descriptor.number
    let count = retried {
      buffer.withUnsafeMutableBytes {
        datagram_receive(number, $0.baseAddress, $0.count, &sender)
      }
    }
    if count >= 0 { return Datagram(count: count, user: sender.user, process: sender.process) }
    let error = Errno.last
    guard error.code == EAGAIN else {
      throw .system(path: path, call: "recvmsg", errno: error)
    }
    return nil
  }

  // MARK: Creating one

  private static func wantCredentials(_ descriptor: borrowing Descriptor) {
    var yes: Int32 = 1
    setsockopt(
      descriptor.number, SOL_SOCKET, SO_PASSCRED, &yes, socklen_t(MemoryLayout<Int32>.size))
  }

  private static func listen(
    _ descriptor: borrowing Descriptor,
    at path: String,
    address: UnixAddress,
    mode: UInt32,
    group: String
  ) throws(DatagramSocketError) -> FileIdentity? {
    // Before anyone can send; otherwise the first datagrams would have no sender.
    wantCredentials(descriptor)
    // The file gets the mode of the socket: access is granted only once it has its group.
    fchmod(descriptor.number, 0)
    do throws(UnixBindError) {
      try address.bindReplacingStale(descriptor, .datagram)
    } catch {
      throw DatagramSocketError(error, path)
    }
    let file: SocketFile
    do throws(UnixBindError) {
      file = try SocketFile(boundAt: path)
    } catch {
      throw DatagramSocketError(error, path)
    }
    do throws(DatagramSocketError) {
      if !group.isEmpty { try give(file, at: path, to: group) }
      do throws(Errno) {
        try file.setMode(mode)
      } catch {
        throw .system(path: path, call: "chmod", errno: error)
      }
    } catch {
      unlink(path)
      throw error
    }
    return file.identity
  }

  private static func give(
    _ file: borrowing SocketFile, at path: String, to group: String
  ) throws(DatagramSocketError) {
    var entry = Glibc.group()
    var found: UnsafeMutablePointer<Glibc.group>?
    var strings = [CChar](repeating: 0, count: 1 << 16)
    let code = getgrnam_r(group, &entry, &strings, strings.count, &found)
    guard code == 0 else { throw .system(path: path, call: "getgrnam", errno: Errno(code)) }
    guard found != nil else { throw .noGroup(path: path, group: group) }
    do throws(Errno) {
      try file.setGroup(entry.gr_gid)
    } catch EPERM {
      throw .notInGroup(path: path, group: group)
    } catch {
      throw .system(path: path, call: "chown", errno: error)
    }
  }

  /// A duplicate of the socket at `path` that the service manager passed, if it did: the passed one
  /// stays open, because it is passed only once and an input may return on a reload.
  private static func activated(_ path: String) -> Descriptor? {
    for offset in 0..<max(0, sd_listen_fds(0)) {
      let passed = SD_LISTEN_FDS_START + offset
      guard sd_is_socket_unix(passed, Int32(SOCK_DGRAM.rawValue), -1, path, 0) > 0 else {
        continue
      }
      let own = fcntl(passed, F_DUPFD_CLOEXEC, 3)
      return own >= 0 ? Descriptor(owning: own) : nil
    }
    return nil
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
  case system(path: String, call: String, errno: Errno)

  /// The failure to bind the socket at `path`.
  fileprivate init(_ error: UnixBindError, _ path: String) {
    self =
      switch error {
      case .inUse: .inUse(path)
      case .notASocket: .notASocket(path)
      case .system(let call, let errno): .system(path: path, call: call, errno: errno)
      }
  }

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
      "\(path): \(call): \(errno)"
    }
  }
}
