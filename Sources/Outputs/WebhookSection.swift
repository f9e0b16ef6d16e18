public import Config
import Detection
public import Events
import Formats

/// `[Output NAME]` with `Type=webhook`: an endpoint that receives incidents over HTTP.
///
/// The daemon writes messages to an outbox; anomalyd-webhook reads the same section and delivers
/// them.
public struct WebhookSection: OutputSection {
  /// `Type=`.
  public static let typeName = "webhook"
  /// What it is.
  public static let summary = "an endpoint that anomalyd-webhook sends them to over HTTP"
  /// The manual's introduction.
  public static let manual =
    "Messages are queued in the state directory below outbox/NAME; anomalyd-webhook(8) delivers "
    + "them, retrying until the endpoint accepts them. Secrets are credentials of "
    + "anomalyd-webhook.service: LoadCredential=NAME:PATH in a drop-in."

  /// `Format=`: the endpoint's format.
  public var format = Format.standardWebhooks
  /// `URL=`: its address; nil if unset.
  public var url: SecretText?
  /// `Method=`.
  public var method = Method.post
  /// `Headers=`: further headers, each `Name: value`, or `Name: credential:NAME`.
  public var headers: [String] = []
  /// `Template=`: the file with the body, which contains `{{field}}`; empty if unset.
  public var template = ""
  /// `Timeout=`: for a whole request, 1 s...5 min.
  public var timeout: Duration = .seconds(20)
  /// `Proxy=`: the proxy for requests; nil for none.
  public var proxy: SecretText?
  /// `CAFile=`: the certificate authorities trusted for the endpoint; empty for the system's.
  public var caFile = ""
  /// `ClientCertificate=`: the certificate that this host presents; empty for none.
  public var clientCertificate = ""
  /// `ClientKey=`: the credential with its key; empty for none.
  public var clientKey = ""
  /// `Secret=`: the credential with the secrets that sign messages; empty for none.
  public var secret = ""
  /// `RoutingKey=`: the credential with PagerDuty's key; empty for none.
  public var routingKey = ""
  /// `BearerToken=`: the credential with a token for the header `Authorization`; empty for none.
  public var bearerToken = ""
  /// `ResendInterval=`: how often an open event is resent to Alertmanager, 1 s...1 h.
  public var resendInterval: Duration = .seconds(60)
  /// `Members=`.
  public var members = false
  /// `Heartbeat=`.
  public var heartbeat: Duration?
  /// `MinimumSeverity=`: less severe incidents and events are not sent.
  public var minimumSeverity = Severity.warning
  /// `MaximumBytes=`: of the outbox, 64 KiB...256 MiB.
  public var maximumBytes = 16 << 20
  /// `MaximumAge=`: how long a message waits before it is discarded, 1 min...30 days.
  public var maximumAge: Duration = .seconds(86_400)

  /// The defaults; `url` and the format's required keys must still be set.
  public init() {}

  /// `Format=`.
  public enum Format: String, CaseIterable, Sendable {
    /// Standard Webhooks, with a CloudEvents 1.0 body.
    case standardWebhooks = "standard-webhooks"
    /// Prometheus Alertmanager, API v2.
    case alertmanager
    /// PagerDuty, Events API v2.
    case pagerduty
    /// Slack, Mattermost and others that take `{"text": ...}`.
    case slack
    /// The text of `Template=`.
    case template
    /// Only heartbeats, for a dead man's switch.
    case ping
  }

  /// `Method=`.
  public enum Method: String, CaseIterable, Sendable {
    /// As nearly all endpoints require.
    case post = "POST"
    /// For endpoints that store a resource.
    case put = "PUT"
    /// For endpoints that modify a resource.
    case patch = "PATCH"
    /// For a dead man's switch that accepts nothing else.
    case get = "GET"
  }

  /// A text, or the name of a credential if it is a secret.
  public enum SecretText: Equatable, Sendable {
    /// The text itself.
    case text(String)
    /// The name of the credential that holds it.
    case credential(String)
  }

  /// The prefix that marks a credential's name in place of a secret text.
  static let credentialPrefix = "credential:"

  /// The name and the value of an element of ``headers``.
  public static func parts(of header: String) -> (name: String, value: String) {
    let parts = header.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let value = parts.count > 1 ? parts[1].drop { $0 == " " || $0 == "\t" } : ""
    return (String(parts[0]), String(value))
  }

  /// The credential that the value of a header names; nil if it is the value itself.
  public static func credential(in value: String) -> String? {
    value.hasPrefix(credentialPrefix) ? String(value.dropFirst(credentialPrefix.count)) : nil
  }

  /// The output `name`.
  public func make(name: String, in surroundings: OutputSurroundings) -> any Output {
    OutboxOutput(
      name: name, root: surroundings.stateDirectory + "/outbox",
      takesEvents: format != .ping, minimumSeverity: minimumSeverity, maximumBytes: maximumBytes,
      maximumAge: maximumAge,
      clock: surroundings.clock)
  }

  /// The type and the name.
  public func target(name: String) -> String { "webhook \(name)" }

  /// Required keys of the format must be set, and keys of other formats must not.
  public func check(_ check: inout SectionCheck) {
    if format != .pagerduty {
      check.require(
        "URL", isMissing: url == nil, expected: "the address of the endpoint, or credential:NAME")
    }
    for (key, value, owner, expected) in [
      ("Template", template, .template, "the absolute path of the body's template"),
      ("Secret", secret, .standardWebhooks, "the credential with the signing secret"),
      ("RoutingKey", routingKey, .pagerduty, "the credential with PagerDuty's key"),
    ] as [(String, String, Format, String)] {
      if format == owner {
        check.require(key, isMissing: value.isEmpty, expected: expected)
      } else if !value.isEmpty {
        check.refuse(
          key, expected: "this key with Format=\(owner.rawValue) only", found: format.rawValue)
      }
    }
    if format == .ping {
      check.require("Heartbeat", isMissing: heartbeat == nil, expected: "how often to ping URL=")
    } else {
      if method == .get {
        check.refuse("Method", expected: "GET with Format=ping only", found: format.rawValue)
      }
      if heartbeat != nil, ![.standardWebhooks, .alertmanager].contains(format) {
        check.refuse(
          "Heartbeat",
          expected: "this key with Format=ping, alertmanager or standard-webhooks only",
          found: format.rawValue)
      }
    }
    if !clientCertificate.isEmpty || !clientKey.isEmpty {
      check.require(
        "ClientCertificate", isMissing: clientCertificate.isEmpty,
        expected: "the certificate of ClientKey=")
      check.require(
        "ClientKey", isMissing: clientKey.isEmpty,
        expected: "the credential with the certificate's key")
    }
  }

  /// Two sections with the same values would send each event twice.
  public func conflict(with earlier: WebhookSection) -> SectionConflict? {
    // A missing address has already been reported.
    guard self == earlier, url != nil || format == .pagerduty else { return nil }
    return SectionConflict(key: "URL", reason: "both say the same")
  }

  /// Another program uses the template, but anyone who checks the configuration wants to know.
  public var refusal: SectionRefusal? {
    guard format == .template else { return nil }
    do throws(TemplateError) {
      _ = try Template(path: template)
      return nil
    } catch {
      return SectionRefusal(key: "Template", reason: error.description)
    }
  }
}
