public import Series

extension MessageFormat {
  /// The alert that always fires, as in Prometheus: the receiver raises an alarm when it stops.
  static func watchdog(host: String, since: Timestamp, until: Timestamp) -> Message {
    let alert = JSONText.object([
      (
        "labels",
        .object([
          ("alertname", .text("Watchdog")), ("instance", .text(host)), ("job", .text("anomalyd")),
          ("severity", .text("none")),
        ])
      ),
      (
        "annotations",
        .object([
          (
            "summary",
            .text(
              "anomalyd on \(host) is alive; this alert always fires, so that its absence can be "
                + "noticed")
          )
        ])
      ),
      ("startsAt", .text(since.iso8601)), ("endsAt", .text(until.iso8601)),
    ])
    return Message(
      headers: [("Content-Type", "application/json")], body: JSONText.array([alert]).line)
  }

  /// The message about several events for an Alertmanager.
  ///
  /// Labels are an alert's identity, so they contain nothing that changes: an alert is one
  /// incident, or the events of one metric of one host. An open alert ends `lifetime` after `now`
  /// unless it is repeated, so it does not fire forever if this host is gone. Metric and severity,
  /// needed for routing, are those at the opening.
  /// - Parameter events: each with the message sent when it opened; nil if unknown.
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
          .object(
            [
              ("alertname", .text(event.isTest ? "AnomalydTest" : "AnomalyDetected")),
              ("instance", .text(host)),
              ("job", .text("anomalyd")), ("metric", .text((opening ?? event).metric)),
              ("severity", .text((opening ?? event).severity)),
            ] + (event.kind == "incident" ? [("incident_id", .text(event.id))] : []))
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
