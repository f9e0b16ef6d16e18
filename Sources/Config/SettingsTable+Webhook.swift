extension SettingsTable {
  static let webhook: [Key<Settings.Webhook>] = [
    Key(
      "Format",
      \.format,
      .choice(),
      "What the endpoint understands: Standard Webhooks with a CloudEvents body, Alertmanager's API "
        + "v2, PagerDuty's Events API v2, Slack's incoming webhooks and what is like them, or the "
        + "text of Template=."
    ),
    Key(
      "URL",
      \.url,
      .url,
      "Where the endpoint is; required but for Format=pagerduty. For Format=alertmanager an address "
        + "without a path stands for its /api/v2/alerts. Slack's addresses are secrets: name a "
        + "credential."
    ),
    Key("Method", \.method, .choice(), "The method of the request."),
    Key(
      "Headers",
      \.headers,
      .headers,
      "Further headers of each request. They win over those that the format sets; a second "
        + "assignment adds to the first."
    ),
    Key(
      "Template",
      \.template,
      .absolutePath,
      "The file that holds the body of Format=template, at most 64 kB. In it {{field}} stands for a "
        + "field of the event, escaped as the inside of a JSON text: host, id, message_id, metric, "
        + "state, severity, explanation, reason, direction, opened, updated, closed and began; "
        + "value, expected, lower, upper, score and peak_score are numbers or null; {{event}} is the "
        + "whole event as JSON."
    ),
    Key(
      "Timeout",
      \.timeout,
      .timeSpan(.seconds(1) ... .seconds(300)),
      "How long a request may take from beginning to end."
    ),
    Key(
      "Proxy",
      \.proxy,
      .proxy,
      "The proxy that requests go through. Default: none; variables of the environment do not count."
    ),
    Key(
      "CAFile",
      \.caFile,
      .absolutePath,
      "A PEM file with the authorities that sign the endpoint's certificate. Default: those of the "
        + "system."
    ),
    Key(
      "ClientCertificate",
      \.clientCertificate,
      .absolutePath,
      "A PEM file with the certificate that this host shows to the endpoint. Default: none."
    ),
    Key("ClientKey", \.clientKey, .credential, "The credential with the key of that certificate."),
    Key(
      "Secret",
      \.secret,
      .credential,
      "The credential with the secret that signs messages, whsec_ and base64; required for "
        + "Format=standard-webhooks. Several, one a line, sign while keys rotate."
    ),
    Key(
      "RoutingKey",
      \.routingKey,
      .credential,
      "The credential with PagerDuty's routing key of 32 characters; required for Format=pagerduty."
    ),
    Key(
      "BearerToken",
      \.bearerToken,
      .credential,
      "The credential with a token that is sent as Authorization: Bearer. Default: none."
    ),
    Key(
      "ResendInterval",
      \.resendInterval,
      .timeSpan(.seconds(1) ... .seconds(3600)),
      "How often Format=alertmanager tells of an event that is still open. An alert that was not "
        + "told for four times this long counts as resolved there."
    ),
    Key(
      "Speak",
      \.speak,
      .choice(),
      "What the endpoint hears of. incidents: events of this host that overlap in time are told as "
        + "one, which the first of them opens, later ones are news of, and the last one to end "
        + "closes. events: each by itself."
    ),
    Key(
      "MinimumSeverity",
      \.minimumSeverity,
      .severity,
      "Events that are less grave are not told. One that becomes grave enough is told from then on."
    ),
    Key(
      "MaximumBytes",
      \.maximumBytes,
      .byteSize((64 << 10)...(256 << 20)),
      "The most bytes of messages that wait. When it is reached, the oldest go, and are counted."
    ),
    Key(
      "MaximumAge",
      \.maximumAge,
      .timeSpan(.seconds(60) ... .seconds(30 * 86_400)),
      "How long a message waits for its endpoint before it is given up, and counted."
    ),
  ]
}
