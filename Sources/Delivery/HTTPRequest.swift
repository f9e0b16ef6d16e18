/// A request as sent.
struct HTTPRequest {
  var route: HTTPRoute
  /// Names and values; the last of a repeated name wins.
  var headers: [(name: String, value: String)]
  var body: String
}

/// How an endpoint is reached.
public struct HTTPRoute: Equatable, Sendable {
  /// Its address: `http://` or `https://`.
  public var url: String
  /// The method.
  public var method = "POST"
  /// The timeout of a whole request.
  public var timeout: Duration = .seconds(20)
  /// The proxy; nil for none.
  public var proxy: String?
  /// A PEM file with the authorities that sign the endpoint's certificate; nil for the system's.
  public var caFile: String?
  /// PEM file with the client certificate; nil for none.
  public var clientCertificate: String?
  /// PEM file with the key of that certificate.
  public var clientKey: String?

  /// A route to `url` with all defaults.
  public init(url: String) {
    self.url = url
  }
}

/// The result of a request.
struct HTTPAnswer: Equatable {
  /// The status code; nil if there was no answer, with the reason in `error`.
  var status: Int?
  /// The beginning of the body.
  var body = ""
  /// Why there was no complete answer.
  var error: String?
  /// The value of `Retry-After`.
  var retryAfter: Duration?
  /// How long it took.
  var seconds = 0.0
}
