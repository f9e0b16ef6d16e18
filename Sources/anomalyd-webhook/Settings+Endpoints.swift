import Config
import Delivery
import Formats
import Outputs

extension Settings {
  /// Builds endpoints from the webhook outputs' sections and this service's credentials.
  func endpointPlans(_ credentials: Credentials) -> [EndpointPlan] {
    outputs.compactMap { output in
      guard let webhook = output.section as? WebhookSection else { return nil }
      return EndpointPlan(
        name: output.name,
        // Distinguishes one configuration of the section from another.
        fingerprint: Fingerprint.of(output.describe("Output")),
        settings: Result { () throws(EndpointProblem) in
          try webhook.endpoint(named: output.name, credentials)
        }
      )
    }
  }
}

extension WebhookSection {
  private static let pagerDutyAddress = "https://events.pagerduty.com/v2/enqueue"

  /// The endpoint that the section describes.
  func endpoint(
    named name: String, _ credentials: Credentials
  ) throws(EndpointProblem) -> EndpointSettings {
    var result = EndpointSettings(route: try route(credentials), format: try format(credentials))
    if !bearerToken.isEmpty {
      let token = try credentials.line(bearerToken)
      result.headers.append(("Authorization", "Bearer " + token))
      result.secrets.append(token)
    }
    if case .pagerduty(let key) = result.format { result.secrets.append(key) }
    if case .credential = url { result.secrets.append(result.route.url) }
    if case .credential = proxy, let proxy = result.route.proxy { result.secrets.append(proxy) }
    for header in headers {
      var (name, value) = WebhookSection.parts(of: header)
      if let credential = WebhookSection.credential(in: value) {
        value = try credentials.headerValue(credential)
        result.secrets.append(value)
      }
      result.headers.append((name, value))
    }
    result.resendInterval = resendInterval
    result.maximumAge = maximumAge
    result.heartbeat = heartbeat
    return result
  }

  private func route(_ credentials: Credentials) throws(EndpointProblem) -> HTTPRoute {
    var route = HTTPRoute(url: try address(credentials))
    route.method = method.rawValue
    route.timeout = timeout
    if let proxy { route.proxy = try text(proxy, credentials) }
    route.caFile = caFile.isEmpty ? nil : caFile
    route.clientCertificate = clientCertificate.isEmpty ? nil : clientCertificate
    if !clientKey.isEmpty { route.clientKey = try credentials.path(clientKey) }
    return route
  }

  private func address(_ credentials: Credentials) throws(EndpointProblem) -> String {
    guard let url else { return WebhookSection.pagerDutyAddress }
    let address = try text(url, credentials)
    guard address.hasPrefix("https://") || address.hasPrefix("http://") else {
      throw EndpointProblem("expected an https:// or http:// URL in the credential of URL=")
    }
    guard format == .alertmanager else { return address }
    let path = address.split(separator: "/", omittingEmptySubsequences: false).dropFirst(3)
    guard path.allSatisfy(\.isEmpty) else { return address }
    return (address.hasSuffix("/") ? String(address.dropLast()) : address) + "/api/v2/alerts"
  }

  private func text(
    _ text: SecretText, _ credentials: Credentials
  ) throws(EndpointProblem) -> String {
    switch text {
    case .text(let text): text
    case .credential(let name): try credentials.line(name)
    }
  }

  private func format(_ credentials: Credentials) throws(EndpointProblem) -> MessageFormat {
    switch format {
    case .standardWebhooks:
      let text = try credentials.text(secret)
      do throws(SigningSecretError) {
        return .standardWebhooks(try SigningSecret.parse(text))
      } catch {
        throw EndpointProblem("the credential \(secret), \(error)")
      }
    case .alertmanager: return .alertmanager(lifetime: resendInterval * 4)
    case .pagerduty:
      let key = try credentials.line(routingKey)
      guard key.utf8.count == 32 else {
        throw EndpointProblem(
          "the credential \(routingKey): expected a routing key of 32 characters, found "
            + "\(key.utf8.count)")
      }
      return .pagerduty(routingKey: key)
    case .slack: return .slack
    case .ping: return .ping
    case .template:
      do throws(TemplateError) {
        return .template(try Template(path: template))
      } catch {
        throw EndpointProblem(error.description)
      }
    }
  }
}
