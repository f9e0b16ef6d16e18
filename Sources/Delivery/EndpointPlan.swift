public import Formats

/// An endpoint as it is configured.
public struct EndpointPlan: Sendable {
  /// The name of its output.
  public var name: String
  /// What only equality says something of: whether this is still the same configuration.
  public var fingerprint: String
  /// What to do; or, where it cannot be used, why.
  public var settings: Result<EndpointSettings, EndpointProblem>

  /// A plan with these parts.
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
  /// The way.
  public var route: HTTPRoute
  /// The form.
  public var format: MessageFormat
  /// Headers beside those of the form.
  public var headers: [(name: String, value: String)] = []
  /// How often an open event is told again, where the form wants that.
  public var resendInterval: Duration = .seconds(60)
  /// How long a message waits before it is given up.
  public var maximumAge: Duration = .seconds(86_400)

  /// Messages in `format` by `route`.
  public init(route: HTTPRoute, format: MessageFormat) {
    self.route = route
    self.format = format
  }
}

/// Why an endpoint cannot be used as it is configured.
public struct EndpointProblem: Error, Equatable, CustomStringConvertible {
  /// What was expected, what was found, and what to do about it.
  public var text: String

  /// A problem in these words.
  public init(_ text: String) {
    self.text = text
  }

  /// One sentence for a person.
  public var description: String { text }
}
