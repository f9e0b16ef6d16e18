/// A request as it is sent.
struct HTTPRequest {
  var route: HTTPRoute
  /// Names and values; one that comes twice is sent as the last one says.
  var headers: [(name: String, value: String)]
  var body: String
}

/// How an endpoint is reached.
public struct HTTPRoute: Equatable, Sendable {
  /// Where it is: `http://` or `https://`.
  public var url: String
  /// The method.
  public var method = "POST"
  /// For a whole request.
  public var timeout: Duration = .seconds(20)
  /// What requests go through; nil for none.
  public var proxy: String?
  /// A PEM file with the authorities that sign the endpoint's certificate; nil for the system's.
  public var caFile: String?
  /// PEM files with the certificate that this host shows, and its key; nil for none.
  public var clientCertificate: String?
  /// The key of that certificate.
  public var clientKey: String?

  /// The way to `url`, and nothing special about it.
  public init(url: String) {
    self.url = url
  }
}

/// What came of a request.
struct HTTPAnswer: Equatable {
  /// The status code; nil where there was no answer, and `error` says why.
  var status: Int?
  /// The beginning of the body.
  var body = ""
  /// Why there was no whole answer.
  var error: String?
  /// What `Retry-After` asks for.
  var retryAfter: Duration?
  /// How long it took.
  var seconds = 0.0
}
