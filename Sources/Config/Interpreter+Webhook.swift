extension Interpreter {
  /// What a format needs must be there, and what only another one uses must not.
  mutating func checkWebhook(_ webhook: Settings.Webhook, _ section: Section) {
    let format = webhook.format
    if format != .pagerduty {
      require(
        "URL", webhook.url == nil ? "" : "-", section,
        "the address of the endpoint, or credential:NAME")
    }
    for (key, value, owner, expected) in [
      ("Template", webhook.template, .template, "the absolute path of the body's template"),
      ("Secret", webhook.secret, .standardWebhooks, "the credential with the signing secret"),
      ("RoutingKey", webhook.routingKey, .pagerduty, "the credential with PagerDuty's key"),
    ] as [(String, String, Settings.WebhookFormat, String)] {
      if format == owner {
        require(key, value, section, expected)
      } else if !value.isEmpty,
        let assignment = section.assignments.last(where: { $0.key == key && !$0.value.isEmpty })
      {
        let expected = "this key with Format=\(owner.rawValue) only"
        fail(assignment, section, .invalidValue(expected: expected, found: format.rawValue))
      }
    }
    if !webhook.clientCertificate.isEmpty || !webhook.clientKey.isEmpty {
      require(
        "ClientCertificate", webhook.clientCertificate, section, "the certificate of ClientKey=")
      require(
        "ClientKey", webhook.clientKey, section, "the credential with the certificate's key")
    }
  }
}

extension Settings.Output.Sink {
  /// Whether it lacks the address that it needs, and has an error already.
  var lacksAddress: Bool {
    switch self {
    case .webhook(let webhook): return webhook.url == nil && webhook.format != .pagerduty
    case .file(let path, _): return path.isEmpty
    case .journal, .terminal: return false
    }
  }

  /// Whether both write to the same place, in whatever way.
  func isSamePlace(as other: Settings.Output.Sink) -> Bool {
    if case .file(let path, _) = self, case .file(path, _) = other { return true }
    return self == other
  }
}
