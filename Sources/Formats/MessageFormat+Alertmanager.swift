public import Series

extension MessageFormat {
  /// The message about several events to an Alertmanager.
  ///
  /// Labels are an alert's identity, so nothing that changes is among them: an alert is what
  /// happens on one metric of one host. One that is open ends `lifetime` after `now`, unless it is
  /// told again; so an alert does not fire for ever when this host is gone. Of the severity, which
  /// routes want to see, it is the one at the opening.
  /// - Parameter events: each with what was told when it opened; nil where that is not known.
  public static func alerts(
    _ events: [(event: EventPayload, opening: EventPayload?)], host: String, now: Timestamp,
    lifetime: Duration
  ) -> Message {
    let alerts = events.map { event, opening in
      let fields = event.fields
      let numbers: [(String, Double?)] = [
        ("value", fields.value), ("expected", fields.expected), ("score", fields.score),
        ("peak_score", fields.peak_score),
      ]
      return JSONText.object([
        (
          "labels",
          .object([
            ("alertname", .text("AnomalyDetected")), ("instance", .text(host)),
            ("job", .text("anomalyd")), ("metric", .text(event.metric)),
            ("severity", .text((opening ?? event).severity)),
          ])
        ),
        (
          "annotations",
          .object(
            [
              ("summary", .text(event.summary)), ("event_id", .text(event.id)),
              ("reason", .text(fields.reason ?? "")),
            ] + numbers.compactMap { name, number in number.map { (name, .text("\($0)")) } })
        ),
        ("startsAt", .text((opening ?? event).began)),
        (
          "endsAt",
          .text(
            event.state == "closed" ? event.moment : now.advanced(by: lifetime).iso8601)
        ),
      ])
    }
    return Message(
      headers: [("Content-Type", "application/json")], body: JSONText.array(alerts).line)
  }
}
