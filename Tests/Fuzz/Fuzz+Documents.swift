import FoundationEssentials
import Series

@testable import Calendar
@testable import Formats
@testable import Outbox

private let now = Timestamp(seconds: 1_700_000_000)
private let nightly = try? CalendarExpression(parsing: "*-*-* 02:30:00", zone: { _ in nil })

extension FuzzTarget {
  /// Calendar expressions; what they say reads back, and what they find is in order.
  static let calendar = FuzzTarget(
    "calendar", maximumBytes: 128,
    texts: [
      "Mon..Fri *-*-* 02:00:00", "daily", "*-*~3/2 4..9/3:*:0.5", "2026-02-29 UTC", "Sat,Sun 1:2",
      "@1700000000", "*-2/3-1,5 *:0/15 Europe/Berlin", "quarterly", "~7/1",
    ]
  ) { bytes in
    guard let text = String(validating: bytes, as: UTF8.self),
      let expression = try? CalendarExpression(parsing: text, zone: { _ in nil })
    else { return }
    let words = expression.description
    guard let again = try? CalendarExpression(parsing: words, zone: { _ in nil }) else {
      return promise(false, "'\(text)' reads back from '\(words)'")
    }
    promise(again == expression, "'\(text)' is what '\(words)' is")
    if let next = expression.next(after: now, local: .utc) {
      promise(next > now, "the next is later")
      if let last = expression.last(notAfter: next, local: .utc) {
        promise(last <= next, "the last is no later")
      }
    }
  }

  /// Files of time zones.
  static let zones = FuzzTarget(
    "zones", maximumBytes: 4_096,
    seeds: ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "UTC"].compactMap {
      (try? Data(contentsOf: URL(filePath: "/usr/share/zoneinfo/" + $0))).map { Array($0) }
    } + [Array("TZif2".utf8)]
  ) { bytes in
    guard let rules = TimeZoneRules(name: "x", zoneFile: bytes) else { return }
    for moment in [0, now.nanoseconds, .min, .max, now.nanoseconds * 3] {
      _ = rules.text(moment)
      _ = rules.instants(showing: Int(moment / 1_000_000_000))
      _ = nightly?.next(after: Timestamp(nanoseconds: moment), local: rules)
    }
  }

  /// Names and contents of an outbox.
  static let outbox = FuzzTarget(
    "outbox",
    texts: [
      OutboxEntry(
        at: now, subject: "cpu.busy", event: "019aa2c4-5f10-7abc-8def-0123456789ab", step: .opened
      ).fileName,
      "{\"settings\":\"\",\"delivered\":1,\"attempts\":2,\"failures\":0,\"setAside\":0,\"expired\":0,"
        + "\"failuresInARow\":0,\"isGone\":false,\"tests\":[]}",
      "{\"_boot\":\"6d0aeb2b-6a1c-4a6a-9a2b-3f0f6d0c5b11 123456789\",\"id\":\"a\"}",
    ]
  ) { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    let (stamp, message) = OutboxStamp.split(Array(bytes))
    if let stamp {
      promise(OutboxStamp.split(stamp.added(to: message)).message == message, "a stamp is removed")
    }
    if let entry = OutboxEntry(fileName: text) {
      promise(OutboxEntry(fileName: entry.fileName) == entry, "a name reads back: \(text)")
    }
    if let state = try? JSONDecoder().decode(DeliveryState.self, from: Data(bytes)) {
      _ = state.lastAnswer?.sentence
    }
  }

  /// Events as outputs receive them, templates and secrets; the first byte chooses.
  static let formats = FuzzTarget(
    "formats",
    texts: [
      "0{\"id\":\"a\",\"metric\":\"cpu.busy\",\"state\":\"opened\",\"opened\":"
        + "\"2026-11-20T14:00:00.000Z\",\"explanation\":\"x\",\"value\":1.5,\"severity\":\"error\"}",
      "1{\"text\": \"{{metric}} {{ value }} \\u00e4 {{event}}\"}",
      "2whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", "1{{",
    ]
  ) { bytes in
    guard let choice = bytes.first else { return }
    let rest = Array(bytes.dropFirst())
    let text = String(decoding: rest, as: UTF8.self)
    switch choice % 3 {
    case 0:
      guard let event = try? EventPayload(rest) else { return }
      let formats: [MessageFormat] = [
        .standardWebhooks([]), .alertmanager(lifetime: .seconds(60)), .slack,
        .pagerduty(routingKey: "k"),
      ]
      for format in formats {
        let body = format.message(event, messageID: "i", host: "h", now: now).body
        guard case .slack = format else { continue }
        promise(
          (try? JSONDecoder().decode([String: String].self, from: Data(body.utf8))) != nil,
          "a body is JSON: \(body)")
      }
    case 1: _ = try? Template(text, path: "/x")
    default: _ = try? SigningSecret.parse(text)
    }
  }
}
