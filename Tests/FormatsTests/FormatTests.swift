import Formats
import FoundationEssentials
import Series
import Support
import Testing

private func bytes(_ hex: String) -> [UInt8] {
  stride(from: 0, to: hex.count, by: 2).map { offset in
    let start = hex.index(hex.startIndex, offsetBy: offset)
    return UInt8(hex[start..<hex.index(start, offsetBy: 2)], radix: 16) ?? 0
  }
}

private func repeated(_ byte: UInt8, _ count: Int) -> [UInt8] {
  Array(repeating: byte, count: count)
}

@Suite struct SigningTests {
  /// RFC 4231, sections 4.2 to 4.8; the fifth is truncated to 128 bits.
  @Test(arguments: [
    (
      repeated(0x0b, 20), Array("Hi There".utf8),
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    ),
    (
      Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
    (
      repeated(0xaa, 20), repeated(0xdd, 50),
      "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
    ),
    (
      bytes("0102030405060708090a0b0c0d0e0f10111213141516171819"), repeated(0xcd, 50),
      "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
    ),
    (
      repeated(0x0c, 20), Array("Test With Truncation".utf8), "a3b6167473100ee06e0c796c2955552b"
    ),
    (
      repeated(0xaa, 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    ),
    (
      repeated(0xaa, 131),
      Array(
        ("This is a test using a larger than block-size key and a larger than block-size data. "
          + "The key needs to be hashed before being used by the HMAC algorithm.").utf8),
      "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
    ),
  ])
  func `hashes as in RFC 4231`(key: [UInt8], message: [UInt8], expected: String) {
    let expected = bytes(expected)
    #expect(Array(HMAC.sha256(message, key: key).prefix(expected.count)) == expected)
  }

  /// Lengths around the end of a block, where padding errors occur; computed by Python's hmac.
  @Test(arguments: [
    (0, "8bb990c40a7d61cb97597a942125025b"),
    (55, "2cc44ce77061ae61e565e2ba633d3fb0"),
    (56, "bc446082d08be8bf111c25f6b4d227bf"),
    (63, "3bcad76e5ef6f3b052d58db1a76b2f3d"),
    (64, "51dc6773c877547b2f5658b10ed96a5a"),
    (119, "cf4a16a9fb2bd68c1a8a6c6031d71ccf"),
    (120, "265c5724e8e371067fb5913e233628f1"),
    (128, "f5b969f16b9ddca67e4313af9e3e54cc"),
  ])
  func `pads messages of every length`(count: Int, expected: String) {
    let mac = HMAC.sha256(repeated(0x61, count), key: Array("k".utf8))
    #expect(Array(mac.prefix(16)) == bytes(expected))
  }

  /// The example of the Standard Webhooks specification's reference libraries.
  @Test func `signs as the reference libraries do`() throws {
    let key = try #require(Data(base64Encoded: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
    let signed = "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{\"test\": 2432232314}"
    let mac = HMAC.sha256(Array(signed.utf8), key: Array(key))
    #expect(Data(mac).base64EncodedString() == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")

    let secrets = try SigningSecret.parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n")
    let message = MessageFormat.standardWebhooks(secrets).message(
      try EventPayload(Content().utf8()), messageID: "msg", host: "h",
      now: Timestamp(seconds: 1_614_265_330))
    #expect(message.headers[2].value == "1614265330")
    let own = HMAC.sha256(Array("msg.1614265330.\(message.body)".utf8), key: Array(key))
    #expect(message.headers[3].value == "v1," + Data(own).base64EncodedString())
  }

  @Test func `signs with every secret while keys rotate`() throws {
    let secrets = try SigningSecret.parse(
      "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\nwhsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n")
    let message = MessageFormat.standardWebhooks(secrets).message(
      try EventPayload(Content().utf8()), messageID: "m", host: "h", now: Timestamp(seconds: 1))
    let signatures = message.headers[3].value.split(separator: " ")
    #expect(signatures.count == 2)
    #expect(Set(signatures).count == 2)
    #expect(signatures.allSatisfy { $0.hasPrefix("v1,") })
  }

  @Test(
    arguments: [
      ("", 1, .noPrefix), ("whsec_", 1, .wrongLength(bytes: 0)),
      ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 1, .noPrefix),
      ("whsec_AAAA", 1, .wrongLength(bytes: 3)), ("v1,whsec_AAAA=A", 1, .notBase64),
      ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\nwhsec_!", 2, .notBase64),
      ("v1a,whsk_AAAA", 1, .asymmetric), ("whpk_AAAA", 1, .asymmetric),
    ] as [(String, Int, SigningSecretError.Reason)])
  func `an invalid secret is refused with line and reason, and not repeated`(
    text: String, line: Int, reason: SigningSecretError.Reason
  ) {
    let expected = SigningSecretError(line: line, reason)
    #expect(throws: expected) { try SigningSecret.parse(text) }
    #expect(!expected.description.contains("AAAA"))
  }

  @Test(arguments: [
    "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBk=", "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBk",
    "v1,whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBk=",
    "v1,whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBk",
  ])
  func `a secret is read as consoles show it, and without padding`(text: String) throws {
    let secret = try #require(try SigningSecret.parse(text).first)
    let message = MessageFormat.standardWebhooks([secret]).message(
      try EventPayload(Content().utf8()), messageID: "m", host: "h", now: Timestamp(seconds: 1))
    let own = HMAC.sha256(Array("m.1.\(message.body)".utf8), key: (0..<26).map { UInt8($0) })
    #expect(message.headers[3].value == "v1," + Data(own).base64EncodedString())
  }
}

/// An event as stored in an outbox.
struct Content {
  var state = "opened"
  var explanation = "cpu.busy is high: 97 < \\\"100\\\" & rising"
  var more = ""
  var metric = "cpu.busy"

  func utf8() -> [UInt8] {
    let closed = state == "closed" ? "\"2026-11-20T14:09:00.000Z\"" : "null"
    let text = """
      {"closed":\(closed),"expected":12.5,"explanation":"\(explanation)",\
      "id":"019aa2c4-5f10-7abc-8def-0123456789ab","lower":null,"metric":"\(metric)",\
      "opened":"2026-11-20T14:02:00.000Z","peak_score":5.5,"reason":"jump","score":4.25,\
      "state":"\(state)","upper":17,"value":97.125\(more)}

      """
    return Array(text.utf8)
  }
}

/// The members of a body, by name.
func object(_ body: String) throws -> [String: JSONValue] {
  try JSONDecoder().decode([String: JSONValue].self, from: Data(body.utf8))
}

/// Any JSON.
indirect enum JSONValue: Decodable, Equatable {
  case null
  case number(Double)
  case text(String)
  case list([JSONValue])
  case object([String: JSONValue])

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let list = try? value.decode([JSONValue].self) {
      self = .list(list)
    } else {
      self = .object(try value.decode([String: JSONValue].self))
    }
  }

  subscript(_ name: String) -> JSONValue? {
    if case .object(let members) = self { members[name] } else { nil }
  }
}

@Suite struct MessageFormatTests {
  private let now = Timestamp(seconds: 1_795_183_200)

  private func message(
    _ format: MessageFormat, _ content: Content = Content(), opening: Content? = nil
  ) throws -> MessageFormat.Message {
    format.message(
      try EventPayload(content.utf8()), opening: try opening.map { try EventPayload($0.utf8()) },
      messageID: "m-1", host: "web1", now: now)
  }

  @Test func `Standard Webhooks carries a CloudEvent`() throws {
    let secrets = try SigningSecret.parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    let message = try message(.standardWebhooks(secrets), Content(state: "closed"))
    #expect(message.headers[0].value == "application/cloudevents+json")
    #expect(message.headers[1] == ("webhook-id", "m-1"))
    let body = try object(message.body)
    #expect(body["specversion"] == .text("1.0"))
    #expect(body["id"] == .text("m-1"))
    #expect(body["source"] == .text("//web1/anomalyd"))
    #expect(body["type"] == .text("io.anomalyd.event.closed"))
    #expect(body["subject"] == .text("cpu.busy"))
    #expect(body["time"] == .text("2026-11-20T14:09:00.000Z"))
    #expect(body["datacontenttype"] == .text("application/json"))
    #expect(body["data"]?["value"] == .number(97.125))
  }

  @Test func `an alert's labels stay the same from opening to end`() throws {
    let format = MessageFormat.alertmanager(lifetime: .seconds(240))
    func alert(_ message: MessageFormat.Message) throws -> JSONValue {
      try #require(
        try JSONDecoder().decode([JSONValue].self, from: Data(message.body.utf8)).first)
    }
    let opening = Content(more: ",\"severity\":\"error\",\"began\":\"2026-11-20T13:59:00.000Z\"")
    let opened = try alert(message(format, opening))
    let closed = try alert(
      message(
        format, Content(state: "closed", more: ",\"severity\":\"critical\""), opening: opening))
    #expect(
      opened["labels"]
        == .object([
          "alertname": .text("AnomalyDetected"), "instance": .text("web1"),
          "job": .text("anomalyd"), "metric": .text("cpu.busy"), "severity": .text("error"),
        ]))
    #expect(opened["labels"] == closed["labels"])
    // The lead of an incident may have changed by then.
    let taken = Content(state: "updated", more: "", metric: "memory.used_ratio")
    #expect(try alert(message(format, taken, opening: opening))["labels"] == opened["labels"])
    #expect(opened["startsAt"] == .text("2026-11-20T13:59:00.000Z"))
    #expect(opened["endsAt"] == .text(now.advanced(by: .seconds(240)).iso8601))
    #expect(closed["endsAt"] == .text("2026-11-20T14:09:00.000Z"))
    #expect(
      opened["annotations"]?["event_id"] == .text("019aa2c4-5f10-7abc-8def-0123456789ab"))
  }

  @Test func `PagerDuty triggers and resolves by the event's id`() throws {
    for (state, action) in [("opened", "trigger"), ("updated", "trigger"), ("closed", "resolve")] {
      let body = try object(message(.pagerduty(routingKey: "k"), Content(state: state)).body)
      #expect(body["routing_key"] == .text("k"))
      #expect(body["event_action"] == .text(action))
      #expect(body["dedup_key"] == .text("019aa2c4-5f10-7abc-8def-0123456789ab"))
      let payload = try #require(body["payload"])
      #expect(payload["summary"] == .text("cpu.busy is high: 97 < \"100\" & rising"))
      #expect(payload["source"] == .text("web1"))
      #expect(payload["severity"] == .text("warning"))
      #expect(payload["component"] == .text("cpu.busy"))
      #expect(payload["custom_details"]?["score"] == .number(4.25))
    }
  }

  @Test func `PagerDuty never gets a body over its size limit`() throws {
    let long = String(repeating: "x", count: 600_000)
    let body = try message(.pagerduty(routingKey: "k"), Content(explanation: long)).body
    #expect(body.utf8.count < 4096)
    guard case .text(let summary) = try object(body)["payload"]?["summary"] else {
      Issue.record("expected a summary")
      return
    }
    #expect(summary.count == 1024)
  }

  @Test func `Slack gets one line, with markup escaped`() throws {
    let opened = try object(message(.slack).body)
    #expect(
      opened["text"]
        == .text(
          ":rotating_light: web1: warning: cpu.busy is high: 97 &lt; \"100\" &amp; rising"))
    let closed = try object(message(.slack, Content(state: "closed")).body)["text"]
    #expect(
      closed == .text(":white_check_mark: web1: cpu.busy is high: 97 &lt; \"100\" &amp; rising"))
  }

  @Test func `Slack gets no markup in characters with accents either`() throws {
    let body = try message(.slack, Content(explanation: "<\u{301}a>\u{301}&\u{301}")).body
    #expect(body.utf8.firstRange(of: "&lt;\u{301}a&gt;\u{301}&amp;\u{301}".utf8) != nil)
  }

  @Test func `a test does not look like an alarm`() throws {
    let text = String(decoding: Content().utf8(), as: UTF8.self)
      .replacing(#""reason":"jump""#, with: #""reason":"test""#)
    let event = try EventPayload(Array(text.utf8))
    func body(_ format: MessageFormat) -> String {
      format.message(event, messageID: "m-1", host: "web1", now: now).body
    }
    #expect(body(.slack).hasPrefix(#"{"text":":information_source: web1: cpu.busy"#))
    #expect(body(.alertmanager(lifetime: .seconds(60))).contains(#""alertname":"AnomalydTest""#))
    #expect(body(.pagerduty(routingKey: "k")).contains(#""class":"test""#))
  }

  @Test func `a template is filled in, with text escaped for JSON strings`() throws {
    let template = try Template(
      #"{"m":"{{ metric }}","e":"{{explanation}}","v":{{value}},"l":{{lower}},"all":{{event}},"#
        + #""i":"{{message_id}}","c":"{{closed}}","h":"{{host}}"}"#,
      path: "/t")
    let body = try object(message(.template(template)).body)
    #expect(body["m"] == .text("cpu.busy"))
    #expect(body["e"] == .text("cpu.busy is high: 97 < \"100\" & rising"))
    #expect(body["v"] == .number(97.125))
    #expect(body["l"] == .null)
    #expect(body["all"]?["id"] == .text("019aa2c4-5f10-7abc-8def-0123456789ab"))
    #expect(body["i"] == .text("m-1"))
    #expect(body["c"] == .text(""))
    #expect(body["h"] == .text("web1"))
  }

  @Test(arguments: Template.fields)
  func `a template takes each of its fields`(field: String) throws {
    let template = try Template("{{\(field)}}", path: "/t")
    let body = try message(.template(template), Content(more: ",\"direction\":\"high\"")).body
    #expect(!body.contains("{{"))
    #expect(!body.isEmpty || ["closed", "updated"].contains(field))
  }

  @Test(arguments: [
    ("a\nb {{metrik}}", 2, "expected a field out of"), ("\n\n{{metric", 3, "expected }} after {{"),
    ("{{}}", 1, "found \"\""),
  ])
  func `a template that is wrong names file and line`(text: String, line: Int, problem: String) {
    #expect {
      try Template(text, path: "/etc/t")
    } throws: { error in
      "\(error)".hasPrefix("/etc/t:\(line): ") && "\(error)".contains(problem)
    }
  }

  @Test func `a template that cannot be read is an error`() throws {
    let scratch = Scratch()
    #expect(throws: TemplateError.self) { try Template(path: scratch.file("missing")) }
    write(String(repeating: "x", count: 70_000), atEndOf: scratch.file("long"))
    #expect(throws: TemplateError.self) { try Template(path: scratch.file("long")) }
    write("{{id}}", atEndOf: scratch.file("good"))
    #expect(try Template(path: scratch.file("good")) == Template("{{id}}", path: "x"))
  }

  @Test(arguments: ["", "{", "{}", "[1]"]) func `a message that is not an event is an error`(
    text: String
  ) {
    #expect(throws: EventPayloadError.self) { try EventPayload(Array(text.utf8)) }
  }
}

@Suite struct IncidentMessageTests {
  private static let incident = "019aa2c4-5f00-7abc-8def-0123456789ab"

  private func body(_ format: MessageFormat, state: String) throws -> [String: JSONValue] {
    let event = try EventPayload(
      Content(
        state: state == "closed" ? "closed" : "opened",
        more: #","severity":"error","kind":"incident""#
      ).utf8(), reading: .init(id: Self.incident, state: state))
    return try object(
      format.message(event, messageID: "m", host: "web1", now: Timestamp(seconds: 1)).body)
  }

  @Test func `a pager is notified of the incident under its own id`() throws {
    let joined = try body(.pagerduty(routingKey: "k"), state: "worsened")
    #expect(joined["event_action"] == .text("trigger"))
    #expect(joined["dedup_key"] == .text(Self.incident))
    #expect(joined["payload"]?["component"] == .text("cpu.busy"))
    #expect(
      joined["payload"]?["summary"] == .text("cpu.busy is high: 97 < \"100\" & rising"))
    let over = try body(.pagerduty(routingKey: "k"), state: "closed")
    #expect(over["event_action"] == .text("resolve"))
    #expect(over["dedup_key"] == .text(Self.incident))
  }

  @Test func `a CloudEvent of an incident has its own type`() throws {
    let secrets = try SigningSecret.parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    let body = try body(.standardWebhooks(secrets), state: "worsened")
    #expect(body["type"] == .text("io.anomalyd.incident.worsened"))
    #expect(body["data"]?["metric"] == .text("cpu.busy"))
  }

  @Test func `an alert of an incident has its id as a label, and keeps it to the end`() throws {
    for state in ["opened", "worsened", "closed"] {
      let text = try EventPayload(
        Content(state: state, more: #","severity":"error","kind":"incident""#).utf8(),
        reading: .init(id: Self.incident, state: state))
      let message = MessageFormat.alertmanager(lifetime: .seconds(60)).message(
        text, messageID: "m", host: "web1", now: Timestamp(seconds: 1))
      #expect(message.body.contains(#""incident_id":"\#(Self.incident)""#))
    }
  }
}
