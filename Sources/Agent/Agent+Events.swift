import Detection
import Outputs

extension Agent {
  /// The one way of every step in the life of every event, from whatever finds it to whoever hears
  /// of it.
  func pass(_ transition: EventTransition) {
    for slot in outputs { slot.output.emit(transition) }
  }
}
