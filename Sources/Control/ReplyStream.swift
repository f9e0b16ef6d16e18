/// A reply in several parts, produced as the client reads them (Varlink's `more` and `continues`).
///
/// To add a streaming method: describe it in ``InterfaceDescription``, give ``ControlHandler`` a
/// function that creates the stream (an object of the handler's room), and let ``Dispatcher``
/// answer `.stream` with it if the call has `more` (`ExpectedMore` if it does not). On the client's
/// side `follow` of ``ControlClient`` reads the parts.
///
/// The ``ControlServer`` requests one part per iteration of the loop and only while the client
/// keeps reading, so that a slow client costs only what its stream buffers for it: the stream must
/// bound that itself, and counts what it drops. A stream that follows something live answers
/// ``ReplyStreamStep/later`` when it has caught up; after each iteration of the loop the server
/// checks ``isReady`` and continues (``ControlServer/resumeStreams(now:)``). It needs no wake-up.
public protocol ReplyStream: AnyObject {
  /// Whether ``next()`` has something to send; checked after each iteration of the loop for a
  /// stream that has answered ``ReplyStreamStep/later``.
  var isReady: Bool { get }

  /// The next part, at most some hundred kilobytes, produced within a millisecond or two.
  /// - Throws: the error that ends the stream for the client.
  func next() throws(ControlError) -> ReplyStreamStep

  /// The stream has ended, for whatever reason; called once.
  func end()
}

/// One step of a ``ReplyStream``.
public enum ReplyStreamStep {
  /// A part: the parameters of a reply; `continues` means that others will follow.
  case part(any Encodable, continues: Bool)
  /// Nothing now; see ``ReplyStream/isReady``.
  case later
}

/// `ListMetrics`, page by page.
final class MetricListStream<Handler: ControlHandler>: ReplyStream {
  private let handler: Handler
  private let request: MetricListRequest
  private let limit: Int
  private var cursor = 0

  init(_ request: MetricListRequest, limit: Int, handler: Handler) {
    self.handler = handler
    self.request = request
    self.limit = limit
  }

  var isReady: Bool { true }

  func next() throws(ControlError) -> ReplyStreamStep {
    let page = try handler.listMetrics(request, from: cursor, limit: limit)
    if let next = page.next { cursor = next }
    return .part(MetricsReply(metrics: page.metrics), continues: page.next != nil)
  }

  func end() {}
}
