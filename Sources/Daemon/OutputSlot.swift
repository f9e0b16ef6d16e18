import Config
import Detection
import Outputs
import Store

/// One output, the section that it was made from, and how far it has heard.
final class OutputSlot {
  /// Nil for an output that no section asked for, such as the terminal in the foreground.
  let settings: Settings.Component?
  let output: any Output
  /// The number of the last step that it has delivered, in the order of the record.
  private(set) var delivered: UInt64

  /// The numbers of steps that it has been given and has not delivered, oldest first.
  private var given: [UInt64] = []

  /// An output that has delivered all steps up to one.
  init(settings: Settings.Component?, output: any Output, delivered: UInt64 = 0) {
    self.settings = settings
    self.output = output
    self.delivered = delivered
  }

  /// `Type=`.
  var typeName: String { settings?.typeName ?? "terminal" }

  /// Hands a step over.
  func emit(_ step: RecordedStep) {
    output.emit(step.transition)
    given.append(step.sequence)
    settle()
  }

  /// Tries again to deliver what waits.
  func flush() {
    output.flush()
    settle()
  }

  /// Takes all steps up to one for delivered.
  func begin(after sequence: UInt64) { delivered = sequence }

  /// Outputs deliver in order: what does not wait is delivered, or given up and counted.
  private func settle() {
    let done = given.count - output.unsaved
    guard done > 0 else { return }
    delivered = given[done - 1]
    given.removeFirst(done)
  }
}
