import Detection
public import Events

extension Settings {
  /// `[Output NAME]` with `Type=webhook`: an endpoint that takes events over HTTP, spoken to by
  /// anomalyd-webhook.
  public struct Webhook: Equatable, Sendable {
    /// `Format=`: what the endpoint understands.
    public var format = WebhookFormat.standardWebhooks
    /// `URL=`: where it is; nil where not said.
    public var url: SecretText?
    /// `Method=`.
    public var method = WebhookMethod.post
    /// `Headers=`: further headers, each `Name: value`.
    public var headers: [String] = []
    /// `Template=`: the file that holds the body, with `{{field}}` in it; empty where not said.
    public var template = ""
    /// `Timeout=`: for a whole request, 1 s...5 min.
    public var timeout: Duration = .seconds(20)
    /// `Proxy=`: what requests go through; nil for none.
    public var proxy: SecretText?
    /// `CAFile=`: the authorities that sign the endpoint's certificate; empty for the system's.
    public var caFile = ""
    /// `ClientCertificate=`: the certificate that this host shows; empty for none.
    public var clientCertificate = ""
    /// `ClientKey=`: the credential with its key; empty for none.
    public var clientKey = ""
    /// `Secret=`: the credential with the secrets that sign messages; empty for none.
    public var secret = ""
    /// `RoutingKey=`: the credential with PagerDuty's key; empty for none.
    public var routingKey = ""
    /// `BearerToken=`: the credential with a token for the header `Authorization`; empty for none.
    public var bearerToken = ""
    /// `ResendInterval=`: how often an open event is told again to Alertmanager, 1 s...1 h.
    public var resendInterval: Duration = .seconds(60)
    /// `Speak=`: what the endpoint hears of.
    public var speak = WebhookSpeech.incidents
    /// `MinimumSeverity=`: what is less grave is not told.
    public var minimumSeverity = Severity.info
    /// `MaximumBytes=`: of the outbox, 64 KiB...256 MiB.
    public var maximumBytes = 16 << 20
    /// `MaximumAge=`: how long a message waits before it is given up, 1 min...30 days.
    public var maximumAge: Duration = .seconds(86_400)

    /// The defaults; `url` and what the format needs must still be set.
    public init() {}
  }

  /// `Format=` of an output with `Type=webhook`.
  public enum WebhookFormat: String, CaseIterable, Sendable {
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
  }

  /// `Method=`.
  public enum WebhookMethod: String, CaseIterable, Sendable {
    /// As nearly all endpoints want it.
    case post = "POST"
    /// For those that keep what is put.
    case put = "PUT"
    /// For those that change what is there.
    case patch = "PATCH"
  }

  /// `Speak=`.
  public enum WebhookSpeech: String, CaseIterable, Sendable {
    /// Of events that belong together, as of one.
    case incidents
    /// Of each event.
    case events
  }

  /// A text that may be a secret, and then is only named.
  public enum SecretText: Equatable, Sendable {
    /// The text itself.
    case text(String)
    /// The name of the credential that holds it.
    case credential(String)
  }
}
