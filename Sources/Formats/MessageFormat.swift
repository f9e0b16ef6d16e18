public import Series

/// The format of messages to one kind of endpoint.
public enum MessageFormat: Sendable {
  /// Standard Webhooks: a CloudEvents 1.0 body, signed with each of the secrets.
  case standardWebhooks([SigningSecret])
  /// Prometheus Alertmanager, API v2. `lifetime`: how long an alert fires unless repeated.
  case alertmanager(lifetime: Duration)
  /// PagerDuty, Events API v2, with its routing key.
  case pagerduty(routingKey: String)
  /// `{"text": ...}` with the essentials on one line.
  case slack
  /// A custom text.
  case template(Template)
  /// An empty request.
  case ping

  /// A body with its headers.
  public struct Message: Equatable, Sendable {
    /// Names and values, in sending order.
    public var headers: [(name: String, value: String)]
    /// The body.
    public var body: String

    /// Whether headers and bodies are equal.
    public static func == (lhs: Message, rhs: Message) -> Bool {
      lhs.body == rhs.body && lhs.headers.elementsEqual(rhs.headers, by: ==)
    }
  }

  /// The message about an event step.
  /// - Parameters:
  ///   - opening: the message sent when the event opened; nil if unknown.
  ///   - messageID: the same for every attempt to send the message.
  ///   - host: the name of this host.
  ///   - now: the time of sending, for signatures and lifetimes.
  public func message(
    _ event: EventPayload, opening: EventPayload? = nil, messageID: String, host: String,
    now: Timestamp
  ) -> Message {
    switch self {
    case .standardWebhooks(let secrets):
      return signed(cloudEvent(event, messageID, host), secrets, messageID, now)
    case .alertmanager(let lifetime):
      return MessageFormat.alerts([(event, opening)], host: host, now: now, lifetime: lifetime)
    case .pagerduty(let routingKey):
      return json(pagerDuty(event, routingKey, host))
    case .slack:
      return json(JSONText.object([("text", .text(slackText(event, host)))]).line)
    case .template(let template):
      return json(template.filled(event, messageID: messageID, host: host))
    case .ping: return Message(headers: [], body: "")
    }
  }

  /// The message about a heartbeat; nil for a format that has none.
  /// - Parameters:
  ///   - content: the heartbeat as JSON, on one line.
  ///   - moment: when it was given.
  ///   - interval: the time until the next one.
  public func heartbeat(
    _ content: String, at moment: Timestamp, every interval: Duration, messageID: String,
    host: String, now: Timestamp
  ) -> Message? {
    switch self {
    case .ping: return Message(headers: [], body: "")
    case .standardWebhooks(let secrets):
      let body = JSONText.object([
        ("specversion", .text("1.0")), ("id", .text(messageID)),
        ("source", .text("//\(host)/anomalyd")), ("type", .text("io.anomalyd.heartbeat")),
        ("time", .text(moment.iso8601)), ("datacontenttype", .text("application/json")),
        ("data", .raw(content)),
      ]).line
      return signed(body, secrets, messageID, now)
    case .alertmanager:
      return MessageFormat.watchdog(
        host: host, since: moment, until: now.advanced(by: interval * 4))
    case .pagerduty, .slack, .template: return nil
    }
  }

  /// Whether an open event is repeated until it closes.
  public var repeatsOpenEvents: Bool {
    if case .alertmanager = self { true } else { false }
  }

  private func signed(
    _ body: String, _ secrets: [SigningSecret], _ messageID: String, _ now: Timestamp
  ) -> Message {
    let seconds = now.nanoseconds / 1_000_000_000
    let signatures = secrets.map { $0.signature(id: messageID, timestamp: seconds, body: body) }
    return Message(
      headers: [
        ("Content-Type", "application/cloudevents+json"), ("webhook-id", messageID),
        ("webhook-timestamp", "\(seconds)"),
        ("webhook-signature", signatures.joined(separator: " ")),
      ], body: body)
  }

  private func json(_ body: String) -> Message {
    Message(headers: [("Content-Type", "application/json")], body: body)
  }

  private func cloudEvent(_ event: EventPayload, _ messageID: String, _ host: String) -> String {
    JSONText.object([
      ("specversion", .text("1.0")), ("id", .text(messageID)),
      ("source", .text("//\(host)/anomalyd")),
      ("type", .text("io.anomalyd.\(event.kind).\(event.state)")),
      ("subject", .text(event.metric)), ("time", .text(event.moment)),
      ("datacontenttype", .text("application/json")), ("data", .raw(event.json)),
    ]).line
  }

  private func slackText(_ event: EventPayload, _ host: String) -> String {
    let mark =
      event.state == "closed"
      ? ":white_check_mark:" : event.isTest ? ":information_source:" : ":rotating_light:"
    let word = event.state == "closed" || event.isTest ? "" : " \(event.severity):"
    let line = "\(mark) \(host):\(word) \(event.summary)"
    // The characters that Slack treats as markup (Formatting text for app surfaces, "Escaping
    // text").
    return PrintableText.escaped(line) { scalar in
      switch scalar {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      default: nil
      }
    }
  }
}
