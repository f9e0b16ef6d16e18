import Delivery
import Formats
import FoundationEssentials
import Glibc
import Outbox
import Series
import Support
import System
import Testing

@Suite struct CourierTests {
  private func bodies(_ receiver: Receiver) throws -> [String] {
    try receiver.requests().map { $0.body ?? "" }
  }

  private func slack(_ text: String) -> String {
    text.hasSuffix("closed")
      ? "{\"text\":\":white_check_mark: web1: \(text)\"}"
      : "{\"text\":\":rotating_light: web1: error: \(text)\"}"
  }

  @Test func `delivers waiting messages in order and leaves none`() throws {
    let receiver = try Receiver()
    let bench = Bench()
    try bench.connect(receiver) { $0.headers = [("X-Team", "a"), ("content-type", "text/x")] }
    try bench.put(2)
    try bench.put(1)
    try bench.put(1, .closed)
    try bench.run()
    #expect(try bodies(receiver) == ["m1 opened", "m1 closed", "m2 opened"].map(slack))
    let request = try #require(try receiver.requests().first)
    #expect(request.method == "POST")
    #expect(request.path == "/hook")
    #expect(request.headers?["x-team"] == "a")
    #expect(request.headers?["content-type"] == "text/x")
    #expect(request.headers?["user-agent"] == "anomalyd")
    #expect(request.headers?["expect"] == nil)
    #expect(bench.folder().count(.new) == 0)
    let state = bench.state()
    #expect(state.delivered == 3)
    #expect(state.attempts == 3)
    #expect(state.lastAnswer?.status == 200)
    #expect(state.lastSuccessAt != nil)
    #expect(bench.texts().isEmpty)
  }

  /// The signature is checked by Python's own hmac.
  @Test func `a signed message can be verified with the secret`() throws {
    let receiver = try Receiver(["{\"status\":503}", "{}"])
    let bench = Bench()
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    try bench.connect(receiver, format: .standardWebhooks(try SigningSecret.parse(secret)))
    let entry = try bench.put(1)
    try bench.run()
    let requests = try receiver.requests()
    #expect(requests.count == 2)
    #expect(Set(requests.compactMap { $0.headers?["webhook-id"] }) == [entry.messageID])
    for request in requests {
      let headers = try #require(request.headers)
      let signed =
        "\(headers["webhook-id"] ?? "").\(headers["webhook-timestamp"] ?? "")."
        + (request.body ?? "")
      let program =
        "import hmac,hashlib,base64,sys;k=base64.b64decode(sys.argv[1]);"
        + "print('v1,'+base64.b64encode(hmac.new(k,sys.argv[2].encode(),hashlib.sha256).digest())"
        + ".decode())"
      let expected = try output(["python3", "-c", program, String(secret.dropFirst(6)), signed])
      #expect(headers["webhook-signature"] == expected)
    }
  }

  @Test(arguments: [301, 404, 429, 500, 502, 503, 504])
  func `a message without success is retried, with the same id`(status: Int) throws {
    let failure = "{\"status\":\(status),\"headers\":{\"Location\":\"/elsewhere\"}}"
    let receiver = try Receiver([failure, failure, failure, "{\"status\":202}"])
    let bench = Bench()
    try bench.connect(receiver)
    try bench.put(1)
    try bench.put(1, .closed)
    try bench.run()
    let opened = Array(repeating: slack("m1 opened"), count: 4)
    #expect(try bodies(receiver) == opened + [slack("m1 closed")])
    #expect(try receiver.requests().allSatisfy { $0.path == "/hook" })
    #expect(bench.state().failures == 3)
    #expect(bench.state().failuresInARow == 0)
    #expect(bench.texts().count == 1)
    #expect(bench.texts(.info).count == 1)
  }

  @Test(arguments: ["reset", "cut"])
  func `a broken connection is retried`(what: String) throws {
    let receiver = try Receiver(["{\"do\":\"\(what)\"}", "{}"])
    let bench = Bench()
    try bench.connect(receiver)
    try bench.put(1)
    try bench.run()
    #expect(try bodies(receiver).count >= 2)
    #expect(bench.state().delivered == 1)
    #expect(bench.folder().count(.new) == 0)
  }

  @Test(arguments: [400, 413, 422])
  func `messages that the endpoint will never accept are set aside and shown`(status: Int) throws {
    let receiver = try Receiver(["{\"status\":\(status),\"body\":\"no such\\nfield\"}", "{}"])
    let bench = Bench()
    try bench.connect(receiver)
    let poison = try bench.put(1)
    try bench.put(2)
    try bench.run()
    #expect(try bench.folder().entries(.failed) == [poison])
    #expect(bench.state().setAside == 1)
    #expect(bench.state().delivered == 1)
    #expect(try bodies(receiver) == ["m1 opened", "m2 opened"].map(slack))
    let notice = try #require(bench.texts().first)
    #expect(notice.contains("refused a message: \(status) after "))
    #expect(notice.contains(": no such field; the message is kept in "))
  }

  @Test func `a message that is not an event is set aside too`() throws {
    let receiver = try Receiver()
    let bench = Bench()
    try bench.connect(receiver)
    let entry = try bench.put(1)
    try bench.folder().write(entry, Array("{".utf8))
    try bench.run()
    #expect(try bench.folder().entries(.failed) == [entry])
    #expect(try receiver.requests().isEmpty)
  }

  @Test func `an endpoint that is gone gets nothing until its section changes`() throws {
    let receiver = try Receiver(["{\"status\":410}", "{}"])
    let bench = Bench()
    try bench.connect(receiver)
    try bench.put(1)
    try bench.put(2)
    try bench.run()
    #expect(try receiver.requests().count == 1)
    #expect(bench.folder().count(.new) == 2)
    #expect(bench.state().stopped?.contains("410") == true)
    // The same section in a new process: still gone.
    try bench.run()
    #expect(try receiver.requests().count == 1)
    bench.plans = []
    try bench.connect(receiver, fingerprint: "2")
    try bench.run()
    #expect(try receiver.requests().count == 3)
    #expect(bench.folder().count(.new) == 0)
    #expect(bench.state().stopped == nil)
  }

  @Test(arguments: [true, false])
  func `Retry-After is honoured in both of its forms`(isDate: Bool) throws {
    let value: String
    if isDate {
      value = try output([
        "python3", "-c",
        "import email.utils,time;print(email.utils.formatdate(time.time()+2.2,usegmt=True))",
      ])
    } else {
      value = "1"
    }
    let receiver = try Receiver([
      "{\"status\":429,\"headers\":{\"Retry-After\":\"\(value)\"}}", "{}",
    ])
    let bench = Bench()
    try bench.connect(receiver)
    try bench.put(1)
    let start = ContinuousClock.now
    try bench.run()
    #expect(try receiver.requests().count == 2)
    #expect(ContinuousClock.now - start >= .milliseconds(900))
  }

  @Test func `an endpoint that hangs does not delay others`() throws {
    let dead = try Receiver(["{\"do\":\"hang\"}"])
    let alive = try Receiver()
    let bench = Bench()
    try bench.connect(dead, name: "dead")
    try bench.connect(alive, name: "alive")
    for index in 0..<20 {
      try bench.put(index, name: "dead")
      try bench.put(index, name: "alive")
    }
    let start = ContinuousClock.now
    try bench.run { bench.folder("alive").count(.new) > 0 }
    #expect(ContinuousClock.now - start < .seconds(15))
    #expect(try alive.requests().count == 20)
    #expect(bench.folder("dead").count(.new) == 20)
  }

  @Test func `a request that times out is retried`() throws {
    let receiver = try Receiver(["{\"do\":\"hang\"}", "{}"])
    let bench = Bench()
    try bench.connect(receiver) { $0.route.timeout = .seconds(1) }
    try bench.put(1)
    try bench.run()
    #expect(try receiver.requests().count == 2)
    #expect(bench.texts().first?.contains("timed out") == true)
  }

  @Test func `a message that the endpoint fails on delays only its own event`() throws {
    let receiver = try Receiver(["{\"status\":500}", "{}", "{}", "{}", "{}"])
    let bench = Bench()
    bench.backoff = Backoff(first: .milliseconds(300), longest: .milliseconds(300))
    try bench.connect(receiver)
    try bench.put(1, metric: "a")
    try bench.put(1, .closed, metric: "a")
    try bench.put(2, metric: "b")
    try bench.run()
    let seen = try bodies(receiver).map {
      $0.contains(": a opened") ? "ao" : $0.contains("a closed") ? "ac" : "b"
    }
    #expect(seen.firstIndex(of: "ac")! > seen.lastIndex(of: "ao")!)
    #expect(seen.filter { $0 == "ao" }.count == 2)
    #expect(seen.count == 4)
  }

  @Test func `a message that waited too long is discarded and counted`() throws {
    let receiver = try Receiver()
    let bench = Bench()
    try bench.connect(receiver) { $0.maximumAge = .seconds(3600) }
    let old = try bench.put(1)
    try bench.put(2)
    var times = [
      timespec(tv_sec: 1_000_000_000, tv_nsec: 0), timespec(tv_sec: 1_000_000_000, tv_nsec: 0),
    ]
    utimensat(AT_FDCWD, bench.folder().folder(.new) + "/" + old.fileName, &times, 0)
    try bench.run()
    #expect(try bodies(receiver) == [slack("m2 opened")])
    #expect(bench.state().expired == 1)
  }

  @Test(arguments: [false, true])
  func `a step of the clock does not age messages, waiting does`(isWait: Bool) throws {
    let receiver = try Receiver()
    let bench = Bench()
    try bench.connect(receiver) { $0.maximumAge = .seconds(3600) }
    let entry = try bench.put(1)
    let content = try #require(try bench.folder().read(entry))
    try bench.folder().write(entry, content, at: .now)
    #expect(try bench.folder().read(entry) == content, "the endpoint does not get the time")
    bench.clock = { Timestamp.now.advanced(by: .seconds(4_000)) }
    bench.steadyClock = { .now.advanced(by: .seconds(isWait ? 4_000 : 10)) }
    try bench.run()
    #expect(try bodies(receiver) == (isWait ? [] : [slack("m1 opened")]))
    #expect(bench.state().expired == (isWait ? 1 : 0))
  }

  @Test func `picks up messages and settings that arrive while it runs`() throws {
    let receiver = try Receiver()
    let bench = Bench()
    try bench.connect(receiver)
    try bench.put(1)
    bench.linger = .seconds(30)
    var step = 0
    try bench.run {
      let count = (try? receiver.requests().count) ?? 0
      if count == 1, step == 0 {
        step = 1
        _ = try? bench.put(2)
        try? bench.connect(receiver, name: "second")
        _ = try? bench.put(3, name: "second")
        try? bench.ring()
      }
      return count < 3
    }
    #expect(try receiver.requests().count == 3)
  }

  @Test func `an unusable endpoint reports why and keeps its messages`() throws {
    let bench = Bench()
    bench.plans = [
      EndpointPlan(
        name: "pager", fingerprint: "1", settings: .failure(EndpointProblem("no credential")))
    ]
    try bench.folder().make()
    try bench.put(1)
    try bench.put(9, metric: OutboxEntry.testSubject)
    try bench.run()
    #expect(bench.state().stopped == "no credential")
    #expect(bench.texts() == ["output pager: no credential; messages wait"])
    #expect(try bench.folder().entries(.new).count == 1)
    #expect(bench.state().tests.first?.error == "no credential")
  }

  @Test func `an unusable endpoint reports why once, however often it is rung for`() throws {
    let bench = Bench()
    bench.plans = [
      EndpointPlan(
        name: "pager", fingerprint: "1", settings: .failure(EndpointProblem("no credential")))
    ]
    try bench.folder().make()
    var rings = 0
    try bench.run {
      rings += 1
      try? bench.ring()
      return rings < 5
    }
    #expect(bench.texts() == ["output pager: no credential; messages wait"])
  }

  @Test func `a test message is sent immediately, once, and reports the answer`() throws {
    let receiver = try Receiver(["{\"status\":410}", "{\"status\":503,\"body\":\"later\"}", "{}"])
    let bench = Bench()
    try bench.connect(receiver)
    try bench.put(1)
    try bench.run()
    #expect(bench.state().stopped != nil)
    let test = try bench.put(5, metric: OutboxEntry.testSubject)
    try bench.run()
    let answer = try #require(bench.state().tests.last)
    #expect(answer.message == test.messageID)
    #expect(answer.status == 503)
    #expect(answer.body == "later")
    #expect(bench.folder().count(.new) == 1)
    // One that succeeds shows that the endpoint is back.
    try bench.put(6, metric: OutboxEntry.testSubject)
    try bench.run()
    #expect(bench.state().stopped == nil)
    #expect(bench.folder().count(.new) == 0)
    #expect(try receiver.requests().count == 4)
  }
}

extension CourierTests {
  @Test func `a secret that an endpoint repeats is not shown`() throws {
    let receiver = try Receiver([
      #"{"status":400,"body":"no such key: GenieKey 0123456789abcdef, at /services/T0/xyz45678\u0301"}"#
    ])
    let bench = Bench()
    try bench.connect(receiver) {
      $0.headers = [("Authorization", "GenieKey 0123456789abcdef")]
      $0.secrets = ["GenieKey 0123456789abcdef", "https://hooks.example.net/services/T0/xyz45678"]
    }
    try bench.put(1)
    try bench.run()
    #expect(try receiver.requests().first?.headers?["authorization"] == "GenieKey 0123456789abcdef")
    let answer = try #require(bench.state().lastAnswer)
    #expect(answer.body.contains("no such key: ***"))
    for text in [answer.body, bench.state().lastError ?? ""] + bench.notices.map(\.text) {
      // By scalars, as the endpoint put a combining mark behind one.
      for secret in ["0123456789abcdef", "xyz45678"] {
        #expect(!text.unicodeScalars.contains(secret.unicodeScalars))
      }
    }
  }

  @Test func `says what is missing before the daemon has run`() throws {
    let scratch = Scratch()
    let root = scratch.file("outbox")
    let courier = try Courier(options: Courier.Options(root: root, host: "h")) { [] }
    let error = #expect(throws: BellError.self) { try courier.run() }
    #expect(error?.description.contains("anomalyd creates it") == true)
  }
}

/// The output of a program, without the last line break.
func output(_ words: [String]) throws -> String {
  let ends = try makePipe()
  let null = open("/dev/null", O_RDWR | O_CLOEXEC)
  let process = try spawn(words, input: null, output: ends[1])
  close(null)
  close(ends[1])
  defer { close(ends[0]) }
  var text: [UInt8] = []
  var byte: UInt8 = 0
  while read(ends[0], &byte, 1) == 1 { text.append(byte) }
  waitpid(process, nil, 0)
  return String(decoding: text.split(separator: 10).first ?? [], as: UTF8.self)
}
