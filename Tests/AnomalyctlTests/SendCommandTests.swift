import Glibc
import Terminal
import Testing
import anomalyctl

@Suite struct SendCommandTests {
  let transcript = Transcript()
  let program = Program(commands: [.send])
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Receives datagrams at a path.
  private func listen(at path: String) -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let bound = withUnsafePointer(to: &address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    precondition(bound == 0, "cannot bind \(path)")
    return descriptor
  }

  private func receive(_ descriptor: Int32) -> String? {
    var bytes = [UInt8](repeating: 0, count: 1_000)
    let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
    return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
  }

  @Test(arguments: [
    (["queue", "12.5"], "queue:12.5|g"),
    (["queue", "-3"], "queue:0|g\nqueue:-3|g"),
    (["queue", "+3"], "queue:0|g\nqueue:+3|g"),
    (["--change", "queue", "3"], "queue:+3|g"),
    (["-c", "queue", "-3"], "queue:-3|g"),
    (["-t", "counter", "logins", "1"], "logins:1|c"),
    (["--type=timer", "wait", "1e3"], "wait:1e3|ms"),
    (["--type=set", "users", "anna:b"], "users:anna:b|s"),
  ])
  func `hands a value over`(words: [String], line: String) {
    let path = folder.path + "/metrics.sock"
    let descriptor = listen(at: path)
    defer { close(descriptor) }
    let code = program.run(["send", "-s", path] + words, console: transcript.console())
    #expect(code == 0, "\(transcript.errors)")
    #expect(receive(descriptor) == line)
    #expect(receive(descriptor) == nil)
    #expect(transcript.output.isEmpty)
  }

  @Test(arguments: [
    (["queue"], "missing argument VALUE"), ([], "missing argument NAME"),
    (["queue", "much"], "'much' is no value for VALUE: expected a number such as 12.5"),
    (["queue", "nan"], "'nan' is no value"), (["queue", "0x10"], "'0x10' is no value"),
    (["a:b", "1"], "'a:b' is no value for NAME"), (["-t", "set", "a", "b|c"], "without bars"),
    (["-c", "-t", "counter", "a", "1"], "expected a gauge"),
    (["-t", "sum", "a", "1"], "expected gauge, counter, timer, set"),
    (["--lines", "a"], "unexpected argument 'a'"),
  ])
  func `refuses what is no value`(words: [String], message: String) {
    #expect(program.run(["send", "-s", "/nowhere"] + words, console: transcript.console()) == 2)
    #expect(transcript.errors.contains(message), "\(transcript.errors)")
  }

  @Test func `says what to do where nobody listens`() {
    let path = folder.path + "/metrics.sock"
    #expect(program.run(["send", "-s", path, "a", "1"], console: transcript.console()) == 1)
    #expect(transcript.errors.contains("nobody takes metrics at \(path)\nAn [Input NAME] with"))
    close(listen(at: path))
    #expect(program.run(["send", "-s", path, "a", "1"], console: transcript.console()) == 1)
    #expect(transcript.errors.hasSuffix("say where with '--socket PATH'.\n"))
  }
}
