import Formats
import Outbox
import Series
import System

/// The contents of one request.
struct Errand {
  /// The message; nil if open events are repeated.
  var entry: OutboxEntry?
  var request: HTTPRequest
}

/// What a request needs in addition to its message.
struct Sender {
  /// The name of this host.
  var host: String
  /// The value of the header `User-Agent`.
  var userAgent: String
  /// The time of day.
  var clock: () -> Timestamp
  /// The clock that never steps.
  var steadyClock: () -> MonotonicTime
}

extension Endpoint {
  /// The maximum number of open events repeated in one request.
  private static let maximumResent = 1_000

  /// The next request; nil if nothing is to be sent now.
  func next(now: Instant, sender: Sender) -> Errand? {
    guard !isBusy else { return nil }
    while let entry = candidate(now: now) {
      guard let settings else {
        // Only a test message gets here: its sender learns why nothing is sent.
        answerTest(entry, sender)
        continue
      }
      do throws(FileError) {
        guard let age = folder.age(of: entry, at: sender.clock(), sender.steadyClock()),
          let content = try folder.read(entry)
        else {
          forget(entry)
          continue
        }
        if entry.isHeartbeat {
          guard let errand = heartbeat(entry, content, age, settings, sender) else {
            try folder.remove(entry)
            forget(entry)
            continue
          }
          isBusy = true
          return errand
        }
        if age > settings.maximumAge {
          try folder.remove(entry)
          forget(entry)
          state.expired += 1
          if state.expired == 1 {
            warn("messages older than MaximumAge= are discarded")
          }
          save()
          continue
        }
        guard let errand = errand(entry, content, settings, sender) else { continue }
        isBusy = true
        return errand
      } catch {
        warn("\(error)")
        forget(entry)
      }
    }
    return resend(now: now, sender: sender)
  }

  /// The request for a message; nil, with the message set aside, if it is not an event.
  private func errand(
    _ entry: OutboxEntry, _ content: [UInt8], _ settings: EndpointSettings, _ sender: Sender
  ) -> Errand? {
    do throws(EventPayloadError) {
      let message = settings.format.message(
        try payload(content, entry), opening: opening(of: entry), messageID: entry.messageID,
        host: sender.host, now: sender.clock())
      return Errand(entry: entry, request: request(message, settings, sender))
    } catch {
      setAside(entry, "\(entry.fileName): \(error)")
      return nil
    }
  }

  /// The request for a heartbeat; nil if it is too old, such as one from a daemon that has ended
  /// since.
  private func heartbeat(
    _ entry: OutboxEntry, _ content: [UInt8], _ age: Duration, _ settings: EndpointSettings,
    _ sender: Sender
  ) -> Errand? {
    guard let interval = settings.heartbeat, age <= interval,
      let message = settings.format.heartbeat(
        String(decoding: content.split(separator: 10).first ?? [], as: UTF8.self), at: entry.at,
        every: interval, messageID: entry.messageID, host: sender.host, now: sender.clock())
    else { return nil }
    return Errand(entry: entry, request: request(message, settings, sender))
  }

  private func request(
    _ message: MessageFormat.Message, _ settings: EndpointSettings, _ sender: Sender
  ) -> HTTPRequest {
    HTTPRequest(
      route: settings.route,
      headers: [("User-Agent", sender.userAgent)] + message.headers + settings.headers,
      body: message.body)
  }

  /// Open events, repeated before the endpoint considers them resolved.
  private func resend(now: Instant, sender: Sender) -> Errand? {
    guard let settings, repeats, state.stopped == nil, !firing.isEmpty,
      pausedUntil.map({ $0 <= now }) ?? true, let due = resendAt, due <= now
    else { return nil }
    resendAt = now + settings.resendInterval
    var openings: [String: EventPayload] = [:]
    var newest: [String: EventPayload] = [:]
    for entry in firing.prefix(Endpoint.maximumResent) {
      guard let content = try? folder.read(entry, .firing),
        let event = try? payload(content, entry)
      else { continue }
      if openings[entry.event] == nil { openings[entry.event] = event }
      newest[entry.event] = event
    }
    guard !newest.isEmpty else { return nil }
    let events = newest.sorted { $0.key < $1.key }.map {
      (event: $0.value, opening: openings[$0.key])
    }
    isBusy = true
    let message = MessageFormat.alerts(
      events, host: sender.host, now: sender.clock(), lifetime: settings.resendInterval * 4)
    return Errand(entry: nil, request: request(message, settings, sender))
  }

  /// The message sent when an event opened, if it is still stored.
  private func opening(of entry: OutboxEntry) -> EventPayload? {
    guard repeats, entry.step != .opened,
      let opened = firing.first(where: { $0.event == entry.event }),
      let content = try? folder.read(opened, .firing)
    else { return nil }
    return try? payload(content, opened)
  }

  private func payload(
    _ content: [UInt8], _ entry: OutboxEntry
  ) throws(EventPayloadError) -> EventPayload {
    try EventPayload(
      content,
      reading: .init(id: entry.event, state: entry.step.rawValue))
  }

  private func answerTest(_ entry: OutboxEntry, _ sender: Sender) {
    recordTest(
      DeliveryAnswer(
        message: entry.messageID, at: sender.clock(), status: nil, body: "",
        error: state.stopped ?? "not sent", seconds: 0))
    try? folder.remove(entry)
    forget(entry)
    save()
  }
}
