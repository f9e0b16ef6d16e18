import CCurl

/// Requests in progress, all on one thread with libcurl's multi interface: one that hangs does not
/// delay the others.
///
/// Redirects are not followed, cookies, `.netrc` and proxies from the environment are not used.
final class HTTPTransport {
  private let multi: UnsafeMutableRawPointer
  private var transfers: [UnsafeMutableRawPointer: HTTPTransfer] = [:]

  /// A transport without requests.
  /// - Throws: ``HTTPTransportError`` if libcurl cannot be initialised.
  init() throws(HTTPTransportError) {
    let code = curl_global_init(Int(CURL_GLOBAL_DEFAULT))
    guard code == CURLE_OK, let multi = curl_multi_init() else {
      throw HTTPTransportError(text: String(cString: curl_easy_strerror(code)))
    }
    self.multi = multi
  }

  /// Sends a request; ``perform()`` passes the result to `completed`.
  func start(_ request: HTTPRequest, completed: @escaping (HTTPAnswer) -> Void) {
    let transfer: HTTPTransfer
    do throws(HTTPTransportError) {
      transfer = try HTTPTransfer(request, completed)
    } catch {
      completed(HTTPAnswer(error: error.text))
      return
    }
    let code = curl_multi_add_handle(multi, transfer.handle)
    guard code == CURLM_OK else {
      completed(HTTPAnswer(error: String(cString: curl_multi_strerror(code))))
      return
    }
    transfers[transfer.handle] = transfer
  }

  /// The number of requests in progress.
  var count: Int { transfers.count }

  /// Drives all requests and reports those that are done.
  func perform() {
    var running: Int32 = 0
    curl_multi_perform(multi, &running)
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle,
        let transfer = transfers.removeValue(forKey: handle)
      else { continue }
      let result = message.pointee.data.result
      curl_multi_remove_handle(multi, handle)
      transfer.completed(transfer.answer(result))
    }
  }

  /// Waits until there is something to do, `descriptor` is readable, or `timeout` expires.
  func wait(for descriptor: Int32?, timeout: Duration) {
    let (seconds, attoseconds) = timeout.components
    let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
    var extra = curl_waitfd(
      fd: descriptor ?? -1, events: Int16(CURL_WAIT_POLLIN), revents: 0)
    var ready: Int32 = 0
    _ = curl_multi_poll(
      multi, &extra, descriptor == nil ? 0 : 1, Int32(clamping: max(0, milliseconds)), &ready)
  }

  deinit {
    for handle in transfers.keys { curl_multi_remove_handle(multi, handle) }
    transfers = [:]
    curl_multi_cleanup(multi)
  }
}

/// An error from libcurl.
public struct HTTPTransportError: Error, Equatable, CustomStringConvertible {
  /// Its description.
  public var text: String

  /// One sentence for the user.
  public var description: String { "libcurl: \(text)" }
}

/// What an answer means for a message and its endpoint; see Standard Webhooks.
enum Outcome: Equatable {
  /// The endpoint has the message.
  case delivered
  /// The endpoint will never accept this message.
  case refused
  /// The endpoint wants no more messages.
  case gone
  /// The endpoint, or the network path to it, is unavailable.
  case busy
  /// The endpoint failed on this message; others may succeed.
  case failed

  init(_ answer: HTTPAnswer) {
    switch answer.status {
    case nil: self = .busy
    case .some(200..<300): self = .delivered
    case 400, 413, 422: self = .refused
    case 410: self = .gone
    case 429, 502, 503, 504: self = .busy
    default: self = .failed
    }
  }
}

/// The delay after consecutive failures: doubled each time, up to a limit, with a random part, so
/// that many hosts do not retry at the same moment.
public struct Backoff: Equatable, Sendable {
  /// After the first failure.
  public var first: Duration
  /// The maximum.
  public var longest: Duration

  /// 1 s to 10 min: in a day a message is tried some 150 times.
  public init(first: Duration = .seconds(1), longest: Duration = .seconds(600)) {
    self.first = first
    self.longest = longest
  }

  /// The pause after this many consecutive failures, at least 1.
  /// - Parameter share: a random number, 0...1.
  func pause(after failures: Int, share: Double) -> Duration {
    var pause = first
    for _ in 1..<max(failures, 1) where pause < longest { pause *= 2 }
    pause = min(pause, longest)
    return pause / 2 + pause / 2 * share
  }
}
