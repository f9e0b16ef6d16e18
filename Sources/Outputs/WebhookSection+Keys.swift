public import Config

extension WebhookSection {
  /// The keys.
  public static let keys: [Key<WebhookSection>] = [
    Key(
      "Format",
      \.format,
      .choice(),
      "What the endpoint understands: Standard Webhooks with a CloudEvents body, Alertmanager's API "
        + "v2, PagerDuty's Events API v2, Slack's incoming webhooks and compatible ones, or the text "
        + "of Template=. ping sends no incidents, only an empty request at every Heartbeat=, as a dead "
        + "man's switch such as healthchecks.io wants it."
    ),
    Key(
      "URL",
      \.url,
      WebhookSyntax.url,
      "The address of the endpoint; required except for Format=pagerduty. For Format=alertmanager an "
        + "address without a path stands for its /api/v2/alerts. An address that contains a token, "
        + "as all of Slack's do, is a secret: name a credential.",
      example: "https://alerts.example.com/hook"
    ),
    Key("Method", \.method, .choice(), "The method of the request."),
    Key(
      "Headers",
      \.headers,
      WebhookSyntax.headers,
      "Additional headers of each request. They override those that the format sets; a second "
        + "assignment adds to the first. A value that is a secret is named: \"X-Api-Key: "
        + "credential:NAME\" sends the text of that credential.",
      example: "\"X-Team: storage\""
    ),
    Key(
      "Template",
      \.template,
      .absolutePath,
      "The file that holds the body of Format=template, at most 64 kB. In it {{field}} stands for a "
        + "field of the incident, escaped as the inside of a JSON text: host, id, message_id, metric, "
        + "state, severity, explanation, reason, direction, opened, updated, closed and began; "
        + "value, expected, lower, upper, score and peak_score are numbers or null; {{event}} is the "
        + "whole incident as JSON. Metric and numbers are those of the event that leads it.",
      example: "/etc/anomalyd/body.json"
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
      WebhookSyntax.proxy,
      "The proxy that requests go through. Default: none; environment variables are ignored.",
      example: "http://proxy.example.com:3128"
    ),
    Key(
      "CAFile",
      \.caFile,
      .absolutePath,
      "A PEM file with the authorities that sign the endpoint's certificate. Default: those of the "
        + "system.",
      example: "/etc/ssl/certs/internal-ca.pem"
    ),
    Key(
      "ClientCertificate",
      \.clientCertificate,
      .absolutePath,
      "A PEM file with the certificate that this host presents to the endpoint. Default: none.",
      example: "/etc/anomalyd/client.pem"
    ),
    Key(
      "ClientKey", \.clientKey, WebhookSyntax.credential,
      "The credential with the key of that certificate.",
      example: "client-key"),
    Key(
      "Secret",
      \.secret,
      WebhookSyntax.credential,
      "The credential with the secret that signs messages, whsec_ and base64, also with v1, before "
        + "it; required for Format=standard-webhooks. Several, one a line, all sign while keys rotate.",
      example: "webhook-secret"
    ),
    Key(
      "RoutingKey",
      \.routingKey,
      WebhookSyntax.credential,
      "The credential with PagerDuty's routing key of 32 characters; required for Format=pagerduty.",
      example: "pagerduty"
    ),
    Key(
      "BearerToken",
      \.bearerToken,
      WebhookSyntax.credential,
      "The credential with a token that is sent as Authorization: Bearer. Default: none.",
      example: "api-token"
    ),
    Key(
      "ResendInterval",
      \.resendInterval,
      .timeSpan(.seconds(1) ... .seconds(3600)),
      "How often Format=alertmanager resends an incident that is still open. An alert that is not resent "
        + "for four times as long counts as resolved there."
    ),
    membersKey(\.members),
    heartbeatKey(
      \.heartbeat,
      "Format=ping, for which it is required, sends an empty request; Format=alertmanager an alert "
        + "called Watchdog, which fires for as long as signs of life come and four intervals more; "
        + "Format=standard-webhooks a message of the type io.anomalyd.heartbeat. Other formats have "
        + "none. One that cannot be delivered within its interval is discarded."),
    Key(
      "MinimumSeverity",
      \.minimumSeverity,
      .severity,
      "Less severe incidents are not sent until they become worse. What comes back on schedule, such "
        + "as a nightly backup, is info."
    ),
    Key(
      "MaximumBytes",
      \.maximumBytes,
      .byteSize((64 << 10)...(256 << 20)),
      "The most bytes of waiting messages. Beyond it the oldest are discarded, and counted."
    ),
    Key(
      "MaximumAge",
      \.maximumAge,
      .timeSpan(.seconds(60) ... .seconds(30 * 86_400)),
      "How long a message waits for its endpoint before it is discarded, and counted."
    ),
  ]
}

/// How credentials, addresses and headers are written.
private enum WebhookSyntax {
  /// The name of a credential as LoadCredential= of systemd takes it.
  static let credential = ValueSyntax<String>(
    expectation: "the name of a credential of anomalyd-webhook.service, of letters, digits, dots, "
      + "dashes and underscores; never the secret itself",
    masked: { $0 }
  ) {
    isCredentialName($0) ? $0 : nil
  } format: {
    $0
  }

  /// An address of HTTP, or the credential that holds one.
  static let url = address(
    schemes: ["https://", "http://"],
    expectation: "an https:// or http:// address without user, password and fragment, or "
      + "credential:NAME where the address is itself a secret"
  )

  /// An address of a proxy, or the credential that holds one.
  static let proxy = address(
    schemes: ["http://", "https://", "socks5://", "socks5h://"],
    expectation: "an http://, https://, socks5:// or socks5h:// address without user and password, "
      + "or credential:NAME where it has them"
  )

  private static let prefix = WebhookSection.credentialPrefix

  private static func address(
    schemes: [String], expectation: String
  ) -> ValueSyntax<WebhookSection.SecretText?> {
    ValueSyntax(expectation: expectation, masked: { $0.map(mask) ?? "" }) { text in
      if text.hasPrefix(prefix) {
        let name = String(text.dropFirst(prefix.count))
        return isCredentialName(name) ? .credential(name) : nil
      }
      guard let scheme = schemes.first(where: { text.hasPrefix($0) }), text.utf8.count < 2048,
        text.unicodeScalars.allSatisfy({ (0x21...0x7E).contains($0.value) && $0 != "#" })
      else { return nil }
      let authority = text.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" }
      return authority.isEmpty || authority.contains("@") ? nil : .text(text)
    } format: { address in
      switch address {
      case .text(let text): text
      case .credential(let name): prefix + name
      case nil: ""
      }
    }
  }

  /// An address without its query, and without the parts of its path that look like tokens: that are
  /// long and contain digits or capital letters.
  private static func mask(_ address: WebhookSection.SecretText) -> String {
    guard case .text(let text) = address else {
      if case .credential(let name) = address { return prefix + name }
      return ""
    }
    let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let path = parts[0].split(separator: "/", omittingEmptySubsequences: false).enumerated().map {
      (index, part) in
      let looksSecret =
        index > 2 && part.utf8.count >= 8
        && part.utf8.contains { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }
      return looksSecret ? hidden : String(part)
    }
    return path.joined(separator: "/") + (parts.count > 1 ? "?" + hidden : "")
  }

  /// What is shown in the place of a secret.
  private static let hidden = "***"

  /// The most headers of a request.
  static let maximumHeaders = 32

  /// Words `Name: value`.
  static let headers = ValueSyntax<[String]>(
    expectation: "at most \(maximumHeaders) words such as \"X-Team: storage\", in quotes, of "
      + "printable ASCII, with white space between",
    emptied: [],
    adding: { $0 + $1 },
    masked: { headers in
      headers.map { header in
        let (name, value) = WebhookSection.parts(of: header)
        let shown = value.hasPrefix(prefix) ? value : hidden
        return Words.format("\(name): \(shown)", quoting: true)
      }.joined(separator: " ")
    }
  ) { text in
    guard let words = Words.split(text)?.map(\.text), words.count <= maximumHeaders,
      words.allSatisfy(isHeader)
    else { return nil }
    return words
  } format: { headers in
    headers.map { Words.format($0, quoting: true) }.joined(separator: " ")
  }
}

private func isCredentialName(_ text: String) -> Bool {
  (1...255).contains(text.utf8.count) && text != "." && text != ".."
    && text.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
      default: ".-_".utf8.contains(byte)
      }
    }
}

/// A token as in RFC 9110, a colon, and printable ASCII.
private func isHeader(_ text: String) -> Bool {
  let name = text.utf8.prefix { $0 != UInt8(ascii: ":") }
  return !name.isEmpty && name.count < text.utf8.count
    && name.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
      default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
      }
    }
    && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    && WebhookSection.credential(in: WebhookSection.parts(of: text).value).map(isCredentialName)
      ?? true
}
