import Delivery
import Formats
import Glibc
import Outbox
import Support
import Testing

@Suite struct TransportTests {
  @Test func `a certificate of an unknown authority is rejected`() throws {
    let certificates = try Certificates()
    let receiver = try Receiver(certificate: certificates.server)
    let bench = Bench()
    try bench.connect(receiver, scheme: "https")
    try bench.put(1)
    try bench.run { bench.state().failures == 0 }
    #expect(try receiver.requests().isEmpty)
    #expect(bench.texts().first?.contains("certificate") == true)
    #expect(bench.folder().count(.new) == 1)
  }

  @Test func `a certificate for another name is rejected`() throws {
    let certificates = try Certificates()
    let receiver = try Receiver(certificate: certificates.server)
    let bench = Bench()
    try bench.connect(receiver, scheme: "https") {
      $0.route.caFile = certificates.authority
      $0.route.url = "https://127.0.0.1:\(receiver.port)/"
    }
    try bench.put(1)
    try bench.run { bench.state().failures == 0 }
    #expect(try receiver.requests().isEmpty)
  }

  @Test func `a custom authority is trusted`() throws {
    let certificates = try Certificates()
    let receiver = try Receiver(certificate: certificates.server)
    let bench = Bench()
    try bench.connect(receiver, scheme: "https") { $0.route.caFile = certificates.authority }
    try bench.put(1)
    try bench.run()
    #expect(try receiver.requests().count == 1)
  }

  @Test func `a client presents its certificate when asked`() throws {
    let certificates = try Certificates()
    let receiver = try Receiver(
      certificate: certificates.server, clients: certificates.authority)
    let bench = Bench()
    try bench.connect(receiver, scheme: "https") { $0.route.caFile = certificates.authority }
    try bench.put(1)
    try bench.run { bench.state().failures == 0 }
    #expect(try receiver.requests().isEmpty)
    bench.plans = []
    try bench.connect(receiver, scheme: "https") {
      $0.route.caFile = certificates.authority
      $0.route.clientCertificate = certificates.client
      $0.route.clientKey = certificates.clientKey
    }
    try bench.run()
    let requests = try receiver.requests()
    #expect(requests.count == 1)
    #expect(requests.first?.certificate?.contains("web1") == true)
  }

  @Test func `requests go through the proxy, and TLS through a tunnel`() throws {
    let proxy = try Receiver()
    let certificates = try Certificates()
    let secure = try Receiver(certificate: certificates.server)
    let bench = Bench()
    try bench.connect(proxy) {
      $0.route.proxy = "http://127.0.0.1:\(proxy.port)"
      $0.route.url = "http://endpoint.invalid/hook"
    }
    try bench.connect(secure, name: "secure", scheme: "https") {
      $0.route.proxy = "http://127.0.0.1:\(proxy.port)"
      $0.route.caFile = certificates.authority
    }
    try bench.put(1)
    try bench.put(2, name: "secure")
    try bench.run()
    let requests = try proxy.requests()
    #expect(requests.contains { $0.path == "http://endpoint.invalid/hook" })
    #expect(requests.contains { $0.method == "CONNECT" && $0.path == "localhost:\(secure.port)" })
    #expect(try secure.requests().count == 1)
  }

  @Test func `an unreachable endpoint is reported as such`() throws {
    let receiver = try Receiver()
    let bench = Bench()
    try bench.connect(receiver) { $0.route.url = "http://127.0.0.1:1/" }
    try bench.put(1)
    try bench.run { bench.state().failures < 3 }
    #expect(bench.state().lastAnswer?.status == nil)
    #expect(bench.state().retryAt != nil)
    #expect(bench.texts().count == 1)
  }

  @Test func `the error for a missing credential explains how to add it`() {
    let problem = "expected credential k, found none: add LoadCredential=k:PATH to a "
    #expect {
      try Credentials(directory: nil).text("k")
    } throws: {
      "\($0)".hasPrefix(problem)
    }
    let scratch = Scratch()
    write("secret\n\n", atEndOf: scratch.file("k"))
    write("two words\n", atEndOf: scratch.file("l"))
    write(" \n", atEndOf: scratch.file("e"))
    let credentials = Credentials(directory: scratch.path)
    #expect((try? credentials.text("k")) == "secret")
    #expect((try? credentials.line("k")) == "secret")
    #expect((try? credentials.text("l")) == "two words")
    for name in ["l", "e", "missing"] {
      #expect(throws: EndpointProblem.self) { try credentials.line(name) }
    }
  }
}
