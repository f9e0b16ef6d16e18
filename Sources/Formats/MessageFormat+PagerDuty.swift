extension MessageFormat {
  /// The largest body that PagerDuty accepts, in bytes.
  private static let maximumPagerDutyBytes = 512 << 10

  /// A body for PagerDuty's Events API v2. The id of the incident is the deduplication key that
  /// links later messages to it.
  func pagerDuty(_ event: EventPayload, _ routingKey: String, _ host: String) -> String {
    let head: [(String, JSONText)] = [
      ("routing_key", .text(routingKey)),
      ("event_action", .text(event.state == "closed" ? "resolve" : "trigger")),
      ("dedup_key", .text(event.id)), ("client", .text("anomalyd on \(host)")),
    ]
    func body(_ details: JSONText) -> String {
      JSONText.object(
        head + [
          (
            "payload",
            .object([
              ("summary", .text(String(event.summary.prefix(1024)))),
              ("source", .text(host)), ("severity", .text(event.severity)),
              ("timestamp", .text(event.moment)), ("component", .text(event.metric)),
              ("group", .text("anomalyd")), ("class", .text(event.fields.reason ?? "anomaly")),
              ("custom_details", details),
            ])
          )
        ]
      ).line
    }
    let whole = body(.raw(event.json))
    guard whole.utf8.count > MessageFormat.maximumPagerDutyBytes else { return whole }
    return body(.object([("note", .text("omitted: the event exceeds PagerDuty's size limit"))]))
  }
}
