public import Config

extension WebhookSection {
  /// The keys.
  public static let keys: [Key<WebhookSection>] = [
    Key(
      "Format",
      \.format,
      .choice(),
      "The format that the endpoint expects: Standard Webhooks with a CloudEvents body, "
        + "Alertmanager's API v2, PagerDuty's Events API v2, Slack-compatible incoming webhooks, "
        + "or the text of Template=. ping sends no incidents, only an empty request every "
        + "Heartbeat=, for dead man's switches such as healthchecks.io."
    ),
    Key(
      "URL",
      \.url,
      WebhookSyntax.url,
      "The URL of the endpoint; required except with Format=pagerduty. With Format=alertmanager, "
        + "a URL without a path implies /api/v2/alerts. A URL that contains a token, as Slack's "
        + "do, is a secret: name a credential instead.",
      example: "https://alerts.example.com/hook"
    ),
    Key("Method", \.method, .choice(), "The HTTP method."),
    Key(
      "Headers",
      \.headers,
      WebhookSyntax.headers,
      "Additional request headers. They override those set by the format; a second assignment "
        + "adds to the first. For secret values, name a credential: \"X-Api-Key: "
        + "credential:NAME\" sends its contents.",
      example: "\"X-Team: storage\""
    ),
    Key(
      "Template",
      \.template,
      .absolutePath,
      "The file with the body for Format=template, at most 64 kB. {{field}} is replaced by a "
        + "field of the incident, escaped for use inside a JSON string: host, id, message_id, "
        + "metric, state, severity, explanation, reason, direction, opened, updated, closed and "
        + "began; value, expected, lower, upper, score and peak_score are numbers or null; "
        + "{{event}} is the whole incident as JSON. Metric and numbers are those of its leading "
        + "event.",
      example: "/etc/anomalyd/body.json"
    ),
    Key(
      "Timeout",
      \.timeout,
      .timeSpan(.seconds(1) ... .seconds(300)),
      "Timeout for a whole request."
    ),
    Key(
      "Proxy",
      \.proxy,
      WebhookSyntax.proxy,
      "The proxy for requests. Default: none; environment variables are ignored.",
      example: "http://proxy.example.com:3128"
    ),
    Key(
      "CAFile",
      \.caFile,
      .absolutePath,
      "A PEM file with the certificate authorities trusted for the endpoint. Default: the "
        + "system's.",
      example: "/etc/ssl/certs/internal-ca.pem"
    ),
    Key(
      "ClientCertificate",
      \.clientCertificate,
      .absolutePath,
      "A PEM file with the client certificate to present to the endpoint. Default: none.",
      example: "/etc/anomalyd/client.pem"
    ),
    Key(
      "ClientKey", \.clientKey, WebhookSyntax.credential,
      "The credential with the private key of that certificate.",
      example: "client-key"),
    Key(
      "Secret",
      \.secret,
      WebhookSyntax.credential,
      "The credential with the signing secret, whsec_ followed by base64, optionally prefixed "
        + "with v1,; required for Format=standard-webhooks. With several, one per line, all sign, "
        + "for key rotation.",
      example: "webhook-secret"
    ),
    Key(
      "RoutingKey",
      \.routingKey,
      WebhookSyntax.credential,
      "The credential with PagerDuty's 32-character routing key; required for Format=pagerduty.",
      example: "pagerduty"
    ),
    Key(
      "BearerToken",
      \.bearerToken,
      WebhookSyntax.credential,
      "The credential with a token to send as Authorization: Bearer. Default: none.",
      example: "api-token"
    ),
    Key(
      "ResendInterval",
      \.resendInterval,
      .timeSpan(.seconds(1) ... .seconds(3600)),
      "How often Format=alertmanager resends open incidents. Alertmanager considers an alert "
        + "resolved if it has not been resent for four times as long."
    ),
    membersKey(\.members),
    heartbeatKey(
      \.heartbeat,
      "Format=ping, which requires it, sends an empty request; Format=alertmanager an alert named "
        + "Watchdog, which fires until four intervals after the last heartbeat; "
        + "Format=standard-webhooks a message of type io.anomalyd.heartbeat. Other formats do not "
        + "support it. Heartbeats that cannot be delivered within their interval are discarded."),
    Key(
      "MinimumSeverity",
      \.minimumSeverity,
      .severity,
      "Incidents below this severity are not sent unless they get worse. Activity that recurs on "
        + "schedule, such as a nightly backup, is info."
    ),
    Key(
      "MaximumBytes",
      \.maximumBytes,
      .byteSize((64 << 10)...(256 << 20)),
      "Maximum size of queued messages. The oldest are discarded, and counted, to stay below it."
    ),
    Key(
      "MaximumAge",
      \.maximumAge,
      .timeSpan(.seconds(60) ... .seconds(30 * 86_400)),
      "How long a message is kept for delivery before it is discarded, and counted."
    ),
  ]
}

/// The syntax of credentials, addresses and headers.
private enum WebhookSyntax {
  /// The name of a credential as accepted by systemd's LoadCredential=.
  static let credential = ValueSyntax<String>(
    expectation: "the name of a credential of anomalyd-webhook.service, with letters, digits, "
      + "dots, dashes and underscores; never the secret itself",
    masked: { $0 }
  ) {
    isCredentialName($0) ? $0 : nil
  } format: {
    $0
  }

  /// An HTTP URL, or the credential that holds one.
  static let url = address(
    schemes: ["https://", "http://"],
    expectation: "an https:// or http:// URL without user, password and fragment, or "
      + "credential:NAME if the URL is a secret"
  )

  /// A proxy URL, or the credential that holds one.
  static let proxy = address(
    schemes: ["http://", "https://", "socks5://", "socks5h://"],
    expectation: "an http://, https://, socks5:// or socks5h:// URL without user and password, or "
      + "credential:NAME if it has them"
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

  /// A URL without its query, and without the parts of its path that look like tokens: long ones
  /// that contain digits or capital letters.
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

  /// Shown in place of a secret.
  private static let hidden = "***"

  /// Maximum number of headers per request.
  static let maximumHeaders = 32

  /// Words `Name: value`.
  static let headers = ValueSyntax<[String]>(
    expectation: "at most \(maximumHeaders) quoted words of printable ASCII such as \"X-Team: "
      + "storage\", separated by white space",
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
