public import Glibc

/// Another program, run by a test.
public final class Child {
  /// Its process id.
  public let pid: pid_t
  private let reading: Int32
  private var status: Int32?

  /// Why it could not be started.
  public struct Failure: Error {
    /// The system's error code.
    public var code: Int32
  }

  /// Starts a program found in `PATH`; its standard output is kept for ``output()``.
  public init(_ program: String, _ arguments: [String]) throws {
    var ends: [Int32] = [0, 0]
    guard Glibc.pipe(&ends) == 0 else { throw Failure(code: errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    defer { posix_spawn_file_actions_destroy(&actions) }
    var words = ([program] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var pid = pid_t()
    let code = posix_spawnp(&pid, program, &actions, nil, &words, environ)
    close(ends[1])
    guard code == 0 else {
      close(ends[0])
      throw Failure(code: code)
    }
    self.pid = pid
    reading = ends[0]
  }

  deinit {
    if status == nil {
      kill(pid, SIGKILL)
      waitpid(pid, nil, 0)
    }
    close(reading)
  }

  /// Its exit code, 128 and more for a signal; nil while it is running.
  public func ended() -> Int32? {
    if status == nil {
      var found: Int32 = 0
      guard waitpid(pid, &found, WNOHANG) == pid else { return nil }
      status = found & 0x7F == 0 ? (found >> 8) & 0xFF : 128 + (found & 0x7F)
    }
    return status
  }

  /// Its exit code, once it has exited.
  public func waited() -> Int32 {
    var found: Int32 = 0
    while status == nil {
      guard waitpid(pid, &found, 0) == pid else { continue }
      status = found & 0x7F == 0 ? (found >> 8) & 0xFF : 128 + (found & 0x7F)
    }
    return status ?? -1
  }

  /// Its output, until it closes its standard output.
  public func output() -> String {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4_096)
    while case let count = read(reading, &chunk, chunk.count), count > 0 {
      bytes += chunk[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
