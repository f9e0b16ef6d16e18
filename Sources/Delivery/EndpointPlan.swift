public import Formats

/// The configuration of an endpoint.
public struct EndpointPlan: Sendable {
  /// The name of its output.
  public var name: String
  /// Identifies the configuration; compared only for equality.
  public var fingerprint: String
  /// What to do, or why the endpoint cannot be used.
  public var settings: Result<EndpointSettings, EndpointProblem>

  /// Creates a plan.
  public init(
    name: String, fingerprint: String, settings: Result<EndpointSettings, EndpointProblem>
  ) {
    self.name = name
    self.fingerprint = fingerprint
    self.settings = settings
  }
}

/// How messages reach an endpoint.
public struct EndpointSettings: Sendable {
  /// Address and connection settings.
  public var route: HTTPRoute
  /// The message format.
  public var format: MessageFormat
  /// Headers in addition to those of the format.
  public var headers: [(name: String, value: String)] = []
  /// Texts that must not be shown, wherever an endpoint or a library repeats them.
  public var secrets: [String] = []
  /// How often an open event is repeated, if the format requires that.
  public var resendInterval: Duration = .seconds(60)
  /// How long a message may wait before it is discarded.
  public var maximumAge: Duration = .seconds(86_400)

  /// Messages in `format` by `route`.
  public init(route: HTTPRoute, format: MessageFormat) {
    self.route = route
    self.format = format
  }

  /// A text without the secrets in it.
  func redacted(_ text: String) -> String {
    secrets.reduce(text) { text, secret in
      // Of an address, an answer repeats the path only; of a header, the token without its scheme.
      let parts = [secret] + secret.split { $0 == "/" || $0 == "?" || $0 == " " }.map(String.init)
      return parts.filter { $0.utf8.count >= 8 }.reduce(text) { $0.replacing($1, with: "***") }
    }
  }
}

/// Why an endpoint cannot be used as configured.
public struct EndpointProblem: Error, Equatable, CustomStringConvertible {
  /// What was expected, what was found, and what to do about it.
  public var text: String

  /// A problem with this description.
  public init(_ text: String) {
    self.text = text
  }

  /// One sentence for the user.
  public var description: String { text }
}
