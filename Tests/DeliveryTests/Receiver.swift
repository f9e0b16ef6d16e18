import FoundationEssentials
import Glibc
import Support
import Synchronization

/// The endpoint of Tests/Receiver in a process of its own, terminated on deinit.
final class Receiver {
  private let scratch = Scratch()
  private let process: pid_t
  private let input: Int32
  let port: Int

  /// A received request.
  struct Request: Decodable {
    var method: String
    var path: String
    var headers: [String: String]?
    var body: String?
    var certificate: String?
  }

  struct Refused: Error {}

  /// Starts it.
  /// - Parameters:
  ///   - answers: its answers as JSON, one per request and the last one for all further ones.
  ///   - certificate: use TLS with this certificate and key.
  ///   - clients: require certificates of this authority.
  init(_ answers: [String] = ["{}"], certificate: String? = nil, clients: String? = nil) throws {
    let answersFile = scratch.file("answers")
    write("[" + answers.joined(separator: ",") + "]", atEndOf: answersFile)
    write("", atEndOf: scratch.file("log"))
    var words = [
      "python3", SharedData.projectRoot + "/Tests/Receiver/receiver.py", "--log",
      scratch.file("log"), "--answers", answersFile,
    ]
    if let certificate { words += ["--certificate", certificate] }
    if let clients { words += ["--clients", clients] }
    let toChild = try makePipe()
    let fromChild = try makePipe()
    process = try spawn(words, input: toChild[0], output: fromChild[1])
    input = toChild[1]
    close(toChild[0])
    close(fromChild[1])
    defer { close(fromChild[0]) }
    var text = ""
    var byte: UInt8 = 0
    while read(fromChild[0], &byte, 1) == 1, byte != 10 { text.unicodeScalars.append(.init(byte)) }
    guard let port = Int(text) else { throw Refused() }
    self.port = port
  }

  deinit {
    close(input)
    kill(process, SIGKILL)
    waitpid(process, nil, 0)
  }

  /// Changes its answers from now on.
  func answer(_ answers: [String]) {
    let file = scratch.file("answers")
    write("[" + answers.joined(separator: ",") + "]", atEndOf: file + ".new")
    rename(file + ".new", file)
  }

  /// The requests received so far.
  func requests() throws -> [Request] {
    try contents(scratch.file("log")).split(separator: "\n").map {
      try JSONDecoder().decode(Request.self, from: Data($0.utf8))
    }
  }
}

/// Held between creating a pipe and closing it in children, because tests run concurrently.
private let pipes = Mutex(())

/// The two ends of a pipe, not inherited by children.
func makePipe() throws -> [Int32] {
  try pipes.withLock { _ in
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw Receiver.Refused() }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return ends
  }
}

/// Starts a program found in `PATH`.
func spawn(_ words: [String], input: Int32, output: Int32) throws -> pid_t {
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_adddup2(&actions, input, 0)
  posix_spawn_file_actions_adddup2(&actions, output, 1)
  var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
  arguments.append(nil)
  defer { for argument in arguments { free(argument) } }
  var process: pid_t = 0
  let result = pipes.withLock { _ in
    posix_spawnp(&process, words[0], &actions, nil, arguments, environ)
  }
  guard result == 0 else { throw Receiver.Refused() }
  return process
}

/// Certificates made for one test.
final class Certificates {
  private let scratch = Scratch()

  /// An authority and the certificates it signed: a server named localhost and a client.
  init() throws {
    try openssl(
      "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=authority "
        + "-keyout \(authorityKey) -out \(authority)")
    for (name, subject) in [("server", "localhost"), ("client", "web1")] {
      try openssl(
        "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=\(subject) "
          + "-keyout \(file(name + ".key")) -out \(file(name + ".csr"))")
      write("subjectAltName=DNS:\(subject)\n", atEndOf: file(name + ".ext"))
      try openssl(
        "x509 -req -days 2 -CA \(authority) -CAkey \(authorityKey) -CAcreateserial "
          + "-in \(file(name + ".csr")) -extfile \(file(name + ".ext")) -out \(file(name + ".pem"))"
      )
    }
    write(contents(file("server.pem")) + contents(file("server.key")), atEndOf: server)
  }

  var authority: String { file("authority.pem") }
  var server: String { file("server-both.pem") }
  var client: String { file("client.pem") }
  var clientKey: String { file("client.key") }
  private var authorityKey: String { file("authority.key") }

  private func file(_ name: String) -> String { scratch.file(name) }

  private func openssl(_ arguments: String) throws {
    let null = open("/dev/null", O_RDWR | O_CLOEXEC)
    defer { close(null) }
    let process = try spawn(
      ["openssl"] + arguments.split(separator: " ").map(String.init)
        + ["-batch"].filter { _ in
          arguments.hasPrefix("req")
        }, input: null, output: null)
    var status: Int32 = 0
    guard waitpid(process, &status, 0) == process, status == 0 else { throw Receiver.Refused() }
  }
}
