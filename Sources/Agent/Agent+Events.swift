import Detection
import Outputs

extension Agent {
  /// The one way of every step in the life of every event, from whatever finds it to whoever hears
  /// of it.
  func pass(_ transition: EventTransition) {
    if case .opened(let event) = transition {
      let isAlone = !pipeline.tracks.contains { $0.openEvent != nil && $0.name != event.metric }
      pipeline.charge(event.metric, beginsIncident: isAlone)
    }
    for slot in outputs { slot.output.emit(transition) }
  }
}
