/// A reply in several parts, made as the client takes them (Varlink's `more` and `continues`).
///
/// How to add a method that streams: describe it in ``InterfaceDescription``, give
/// ``ControlHandler`` a function that makes the stream (an object of the handler's room), and let
/// ``Dispatcher`` answer `.stream` with it where the call says `more` (`ExpectedMore` where it does
/// not). On the client's side `follow` of ``ControlClient`` reads the parts.
///
/// The ``ControlServer`` asks for one part in a turn of the loop and only while the client takes
/// what it is given, so that a slow client costs nothing but what its stream holds for it: that must
/// be bounded by the stream itself, which counts what it drops. A stream that follows something
/// live answers ``ReplyStreamStep/later`` when it has caught up; after each turn of the loop the
/// server looks at ``isReady`` and goes on (``ControlServer/resumeStreams(now:)``). Nobody has
/// to wake it.
public protocol ReplyStream: AnyObject {
  /// Whether ``next()`` has something to say; asked after each turn of the loop of a stream that
  /// has answered ``ReplyStreamStep/later``.
  var isReady: Bool { get }

  /// The next part, some hundred kilobytes at most, made within a millisecond or two.
  /// - Throws: the error that ends the stream for the client.
  func next() throws(ControlError) -> ReplyStreamStep

  /// The stream is over, whoever ended it; called once.
  func end()
}

/// One step of a ``ReplyStream``.
public enum ReplyStreamStep {
  /// A part: the parameters of a reply; `continues` says that others will follow.
  case part(any Encodable, continues: Bool)
  /// Nothing now; ``ReplyStream/isReady`` tells when there is.
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
