import Detection
import Events
import Outbox
import Outputs
import Series
import Support
import Testing

/// Which steps of events are sent to endpoints, and as which kind of message.
@Suite struct OutboxFilterTests {
  /// The messages of one run of steps, as `id-step` with the ids cut to their number.
  private func told(
    _ steps: [EventTransition], minimum: Severity = .info,
    restartAfter: Int? = nil, repeating: Int = 0
  ) throws -> [String] {
    let scratch = Scratch()
    func output() -> OutboxOutput {
      OutboxOutput(
        name: "pager", root: scratch.path, minimumSeverity: minimum, clock: noTime)
    }
    var current = output()
    for (index, step) in steps.enumerated() {
      if index == restartAfter {
        current = output()
        // As the daemon does after a crash: steps that it is not sure of are repeated.
        for step in steps[max(0, index - repeating)..<index] { current.emit(step) }
      }
      current.emit(step)
    }
    let ids = (0..<10).map { (event($0).id.description, $0) }
    return try OutboxFolder(root: scratch.path, name: "pager").entries(.new).map { entry in
      let number = ids.first { $0.0 == entry.event }?.1 ?? -1
      return "\(number)-\(entry.step.rawValue)"
    }
  }

  private func step(
    _ index: Int, _ state: String, severity: Severity = .warning, at seconds: Double = 0,
    update: EventUpdate = .worse
  ) -> EventTransition {
    var event = event(index)
    event.severity = severity
    let moment = Timestamp(seconds: event.opened.seconds + seconds)
    switch state {
    case "opened": return .opened(event)
    case "updated":
      event.updated = moment
      event.update = update
      return .updated(event)
    default:
      event.closed = moment
      return .closed(event)
    }
  }

  @Test func `each event is sent on its own`() throws {
    #expect(try told([step(1, "opened"), step(1, "closed", at: 9)]) == ["1-opened", "1-closed"])
  }

  @Test(arguments: [nil, 1, 2, 3, 4, 5], [0, 1, 3, 5])
  func `an event that becomes severe is opened then, and what was sent is closed`(
    restart: Int?, repeating: Int
  ) throws {
    let steps = [
      step(1, "opened", severity: .info), step(2, "opened", severity: .info),
      step(2, "updated", severity: .error, at: 10), step(2, "updated", severity: .error, at: 20),
      step(1, "closed", severity: .info, at: 130), step(2, "closed", severity: .error, at: 40),
    ]
    #expect(
      try told(steps, minimum: .error, restartAfter: restart, repeating: repeating)
        == ["2-opened", "2-updated", "2-closed"])
  }

  @Test(arguments: [nil, 1, 2, 3], [Severity.info, .warning])
  func `an event that returns is an update, not a second opening`(
    restart: Int?, minimum: Severity
  ) throws {
    let steps = [
      step(1, "opened"), step(1, "closed", at: 10), step(1, "updated", at: 20, update: .again),
      step(1, "closed", at: 30),
    ]
    #expect(
      try told(steps, minimum: minimum, restartAfter: restart, repeating: 3)
        == ["1-opened", "1-closed", "1-updated", "1-closed"])
  }
}
