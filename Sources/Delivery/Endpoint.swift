public import Formats
import Outbox
import Series
import System

/// One endpoint and its outbox: what to send next, and how answers change that.
///
/// One request at a time. Messages of one lane are sent in order; a message that the endpoint fails
/// on delays only its own lane, and an endpoint that accepts nothing is left alone for some time.
final class Endpoint {
  typealias Instant = ContinuousClock.Instant

  let plan: EndpointPlan
  let folder: OutboxFolder
  var state: DeliveryState
  let backoff: Backoff
  /// The waiting messages in sending order.
  var waiting: [OutboxEntry] = []
  /// Open events that the endpoint knows of, repeated until they close.
  var firing: [OutboxEntry] = []
  var troubles: [OutboxEntry: Trouble] = [:]
  var pausedUntil: Instant?
  var resendAt: Instant?
  var isBusy = false
  var notices: [Notice] = []

  /// Failures of one message.
  struct Trouble {
    var failures: Int
    var until: Instant
  }

  init(_ plan: EndpointPlan, root: String, backoff: Backoff) {
    self.plan = plan
    self.backoff = backoff
    folder = OutboxFolder(root: root, name: plan.name)
    state = DeliveryState(of: folder) ?? DeliveryState()
    switch plan.settings {
    case .failure(let problem):
      state.stopped = problem.text
      state.isGone = false
      notices.append(Notice(.warning, "output \(plan.name): \(problem.text); messages wait"))
    case .success:
      // Answers to an older configuration no longer count.
      if !state.isGone || state.settings != plan.fingerprint {
        state.stopped = nil
        state.isGone = false
      }
    }
    state.settings = plan.fingerprint
    state.failuresInARow = 0
    state.retryAt = nil
  }

  var settings: EndpointSettings? { try? plan.settings.get() }

  /// Rereads the waiting messages.
  func look(now: Instant) {
    do throws(FileError) {
      waiting = try folder.entries(.new)
      firing = try folder.entries(.firing)
    } catch {
      waiting = []
      firing = []
      warn("\(error); nothing is delivered from there")
      return
    }
    let known = Set(waiting)
    troubles = troubles.filter { known.contains($0.key) }
    if !firing.isEmpty, resendAt == nil { resendAt = now }
    save()
  }

  /// Whether there is something to send, now or later.
  var hasWork: Bool {
    isBusy || waiting.contains { $0.isTest }
      || state.stopped == nil
        && (!waiting.isEmpty || repeats && !firing.isEmpty)
  }

  var repeats: Bool { settings?.format.repeatsOpenEvents ?? false }

  /// The message to be sent now; nil if there is none.
  func candidate(now: Instant) -> OutboxEntry? {
    let isPaused = state.stopped != nil || pausedUntil.map { $0 > now } ?? false
    var held: Set<UInt64> = []
    for entry in waiting where !held.contains(entry.lane) {
      if entry.isTest { return entry }
      if isPaused { continue }
      guard let trouble = troubles[entry], trouble.until > now else { return entry }
      held.insert(entry.lane)
    }
    return nil
  }

  /// When there may be something to send; nil if only a new message or a new configuration can
  /// change that.
  func wakeAt(now: Instant) -> Instant? {
    guard !isBusy, state.stopped == nil else { return nil }
    var times: [Instant] = []
    if repeats, !firing.isEmpty, let resendAt {
      times.append(max(resendAt, pausedUntil ?? resendAt))
    }
    if !waiting.isEmpty {
      if let pausedUntil, pausedUntil > now {
        times.append(pausedUntil)
      } else if candidate(now: now) != nil {
        times.append(now)
      } else {
        times += troubles.values.map(\.until)
      }
    }
    return times.min()
  }

  /// Forgets a message that no longer exists or is no longer wanted.
  func forget(_ entry: OutboxEntry) {
    if let index = waiting.firstIndex(of: entry) { waiting.remove(at: index) }
    troubles[entry] = nil
  }

  /// Stores the state of delivery; failure is harmless, as on a full disk.
  func save() {
    try? state.save(to: folder)
  }

  func warn(_ text: String) {
    notices.append(Notice(.warning, "output \(plan.name): \(text)"))
  }

  func inform(_ text: String) {
    notices.append(Notice(.info, "output \(plan.name): \(text)"))
  }
}

/// The configuration of an endpoint.
public struct EndpointPlan: Sendable {
  /// The name of its output.
  public var name: String
  /// Identifies the configuration; compared only for equality.
  public var fingerprint: String
  /// What to do, or why the endpoint cannot be used.
  public var settings: Result<EndpointSettings, EndpointProblem>

  /// Why the endpoint cannot be used; nil if it can.
  var problem: EndpointProblem? {
    if case .failure(let problem) = settings { problem } else { nil }
  }

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
  /// How long a heartbeat is valid: the time until the next; nil: there are none.
  public var heartbeat: Duration?

  /// Messages in `format` by `route`.
  public init(route: HTTPRoute, format: MessageFormat) {
    self.route = route
    self.format = format
  }

  /// A text without the secrets in it, even if an answer puts a combining mark after one.
  func redacted(_ text: String) -> String {
    var scalars = text.unicodeScalars
    for secret in secrets.map(\.unicodeScalars) {
      // An answer repeats only the path of an address, and the token of a header without its
      // scheme.
      let parts = secret.split { $0 == "/" || $0 == "?" || $0 == " " }
      for part in [secret[...]] + parts where String(part).utf8.count >= 8 {
        scalars.replace(part, with: "***".unicodeScalars)
      }
    }
    return String(scalars)
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
