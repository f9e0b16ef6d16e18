/// A reply in several parts, produced as the client reads them (Varlink's `more` and `continues`).
///
/// To add a streaming method: describe it in ``InterfaceDescription``, give ``ControlHandler`` a
/// function that creates the stream (an object of the handler's room), and let ``Dispatcher``
/// answer with `.stream` if the call has `more` (`ExpectedMore` otherwise). On the client's side,
/// `follow` of ``ControlClient`` reads the parts.
///
/// The ``ControlServer`` requests one part per iteration of the loop, and only while the client
/// reads, so that a slow client costs only what its stream buffers: the stream itself must bound
/// that and count what it drops. A stream that follows live data returns ``ReplyStreamStep/later``
/// when it has caught up; after each iteration of the loop the server checks ``isReady`` and
/// resumes it (``ControlServer/resumeStreams(now:)``). No other wake-up is needed.
public protocol ReplyStream: AnyObject {
  /// Whether ``next()`` has a part; checked after each iteration of the loop for a stream that has
  /// returned ``ReplyStreamStep/later``.
  var isReady: Bool { get }

  /// The next part, a few hundred kilobytes at most, produced within a millisecond or two.
  /// - Throws: the error that ends the stream for the client.
  func next() throws(ControlError) -> ReplyStreamStep

  /// Called once when the stream is over, whichever side ended it.
  func end()
}

/// One step of a ``ReplyStream``.
public enum ReplyStreamStep {
  /// A part: the parameters of a reply; `continues` if others will follow.
  case part(any Encodable, continues: Bool)
  /// Nothing now; ``ReplyStream/isReady`` becomes true when there is.
  case later
}

/// A list, page by page.
final class PageStream: ReplyStream {
  private let page: (_ cursor: Int) throws(ControlError) -> (any Encodable, next: Int?)
  private var cursor = 0

  /// - Parameter page: the page that begins at a cursor, 0 for the first one, and the cursor of the next
  ///   one, nil after the last one.
  init(_ page: @escaping (_ cursor: Int) throws(ControlError) -> (any Encodable, next: Int?)) {
    self.page = page
  }

  var isReady: Bool { true }

  func next() throws(ControlError) -> ReplyStreamStep {
    let (reply, next) = try page(cursor)
    if let next { cursor = next }
    return .part(reply, continues: next != nil)
  }

  func end() {}
}
