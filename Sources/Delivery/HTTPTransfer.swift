import CCurl

/// One request in progress: owns libcurl's handle and everything it points to.
final class HTTPTransfer {
  let handle: UnsafeMutableRawPointer
  let completed: (HTTPAnswer) -> Void
  private let errorText: UnsafeMutablePointer<CChar>
  private var headers: UnsafeMutablePointer<curl_slist>?
  private var body: [UInt8] = []
  /// How much of an answer's body is kept; the rest is read and discarded.
  private static let maximumBody = 1024
  private static let longestConnect: Duration = .seconds(10)

  init(
    _ request: HTTPRequest, _ completed: @escaping (HTTPAnswer) -> Void
  ) throws(HTTPTransportError) {
    guard let handle = curl_easy_init() else {
      throw HTTPTransportError(text: "out of memory for a request")
    }
    self.handle = handle
    self.completed = completed
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    try check(curl_set_error_text(handle, errorText))
    try setRoute(request.route)
    try setContent(request)
    let take: curl_write_callback = { bytes, size, count, owner in
      guard let bytes, let owner else { return 0 }
      Unmanaged<HTTPTransfer>.fromOpaque(owner).takeUnretainedValue()
        .take(UnsafeRawBufferPointer(start: bytes, count: size * count))
      return size * count
    }
    try check(curl_set_reader(handle, take, Unmanaged.passUnretained(self).toOpaque()))
  }

  /// The result.
  func answer(_ result: CURLcode) -> HTTPAnswer {
    var answer = HTTPAnswer(seconds: Double(curl_microseconds(handle)) / 1e6)
    let status = curl_status(handle)
    // A transfer that broke off after the status line still counts as answered, unless the status
    // is success: only a complete answer confirms that the endpoint has the message.
    if status > 0, result == CURLE_OK || !(200..<300).contains(status) {
      answer.status = Int(status)
      answer.body = String(decoding: body, as: UTF8.self)
      let seconds = curl_retry_after(handle)
      if seconds > 0 { answer.retryAfter = .seconds(seconds) }
    } else {
      let text = String(cString: errorText)
      answer.error = text.isEmpty ? String(cString: curl_easy_strerror(result)) : text
    }
    return answer
  }

  private func take(_ bytes: UnsafeRawBufferPointer) {
    body.append(contentsOf: bytes.prefix(HTTPTransfer.maximumBody - body.count))
  }

  private func setRoute(_ route: HTTPRoute) throws(HTTPTransportError) {
    try check(curl_allow_http_only(handle))
    try set(CURLOPT_URL, route.url)
    try set(CURLOPT_NOSIGNAL, 1)
    try set(CURLOPT_FOLLOWLOCATION, 0)
    try set(CURLOPT_TIMEOUT_MS, route.timeout)
    try set(CURLOPT_CONNECTTIMEOUT_MS, min(route.timeout, HTTPTransfer.longestConnect))
    // An empty string disables proxies, including those in the environment.
    try set(CURLOPT_PROXY, route.proxy ?? "")
    try set(CURLOPT_NOPROXY, "")
    if let file = route.caFile { try set(CURLOPT_CAINFO, file) }
    if let file = route.clientCertificate { try set(CURLOPT_SSLCERT, file) }
    if let file = route.clientKey { try set(CURLOPT_SSLKEY, file) }
  }

  private func setContent(_ request: HTTPRequest) throws(HTTPTransportError) {
    try set(CURLOPT_CUSTOMREQUEST, request.route.method)
    try set(CURLOPT_POSTFIELDSIZE, request.body.utf8.count)
    try set(CURLOPT_COPYPOSTFIELDS, request.body)
    var last: [String: Int] = [:]
    for (index, header) in request.headers.enumerated() { last[header.name.lowercased()] = index }
    for (index, header) in request.headers.enumerated()
    where last[header.name.lowercased()] == index {
      try append("\(header.name): \(header.value)")
    }
    try append("Expect:")
    try check(curl_set_list(handle, CURLOPT_HTTPHEADER, headers))
  }

  private func append(_ header: String) throws(HTTPTransportError) {
    guard let list = curl_slist_append(headers, header) else {
      throw HTTPTransportError(text: "out of memory for a header")
    }
    headers = list
  }

  private func set(_ option: CURLoption, _ value: Int) throws(HTTPTransportError) {
    try check(curl_set_number(handle, option, value))
  }

  private func set(_ option: CURLoption, _ value: String) throws(HTTPTransportError) {
    try check(curl_set_text(handle, option, value))
  }

  private func set(_ option: CURLoption, _ value: Duration) throws(HTTPTransportError) {
    let (seconds, attoseconds) = value.components
    try set(option, Int(seconds * 1000 + attoseconds / 1_000_000_000_000_000))
  }

  private func check(_ code: CURLcode) throws(HTTPTransportError) {
    guard code == CURLE_OK else {
      throw HTTPTransportError(text: String(cString: curl_easy_strerror(code)))
    }
  }

  deinit {
    curl_easy_cleanup(handle)
    curl_slist_free_all(headers)
    errorText.deallocate()
  }
}

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
