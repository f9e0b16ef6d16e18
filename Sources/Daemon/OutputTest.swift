package import Control
import Detection
import Events
import Monitor
import Outbox
import Outputs
import Series

extension EventPublisher {
  /// Sends a test event, its opening and its close, to one output, along the same path as any other
  /// event. It goes nowhere else and is not recorded.
  package func test(_ name: String) throws(ControlError) -> OutputTest {
    guard let slot = outputs.first(where: { $0.output.name == name }) else {
      throw .noSuchOutput(name)
    }
    let now = options.clock()
    let metric = MetricName(sanitizing: OutboxEntry.testSubject)
    var event = Event(
      id: EventID(metric: metric, opened: now, hostSeed: monitor.hostSeed), metric: metric,
      cause: .test, direction: .unusual, severity: .info, opened: now, value: .nan)
    let opened = EventTransition.opened(event)
    event.closed = now.advanced(by: .milliseconds(1))
    let closed = EventTransition.closed(event)
    let before = slot.output.health
    slot.output.emit(opened)
    slot.output.emit(closed)
    let after = slot.output.health
    let isTaken = after.waiting == 0 && after.dropped == before.dropped
    return OutputTest(
      messages: slot.output.delivery == nil
        ? [] : [opened.outboxEntry.messageID, closed.outboxEntry.messageID],
      taken: isTaken,
      error: isTaken ? nil : after.lastError
    )
  }
}

extension DeliveryStatus {
  /// The state of delivery as written by the delivery program.
  init(_ delivery: OutboxDelivery) {
    let state = delivery.state ?? DeliveryState()
    func moment(_ seconds: Double?) -> Timestamp? { seconds.map { Timestamp(seconds: $0) } }
    self.init(
      waiting: delivery.waiting, delivered: state.delivered, attempts: state.attempts,
      failures: state.failures, refused: state.setAside, kept: delivery.failed,
      expired: state.expired, lastSuccessAt: moment(state.lastSuccessAt),
      lastHeartbeatAt: moment(state.lastHeartbeatAt),
      lastAnswer: state.lastAnswer?.sentence, lastAnswerAt: moment(state.lastAnswer?.at),
      retryAt: moment(state.retryAt), stopped: state.stopped,
      tests: state.tests.suffix(DeliveryState.maximumTests).map {
        TestAnswer(
          message: $0.message, delivered: $0.isSuccess, status: $0.status, body: $0.body,
          error: $0.error, seconds: $0.seconds)
      }
    )
  }
}
