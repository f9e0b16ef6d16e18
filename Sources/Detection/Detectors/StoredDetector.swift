package import Series

/// A detector whose whole state is in one core; what it needs besides is shared by many detectors.
package protocol StoredDetector: Detector {
  /// Shared by all detectors of a thread.
  associatedtype Scratch

  /// A detector that has seen nothing.
  init(configuration: DetectorConfiguration, scratch: Scratch)

  /// Calibration, threshold and band.
  var judge: Judge { get set }

  /// See ``Scratch``.
  var scratch: Scratch { get }

  /// Reads or writes the state of the core.
  func code(_ coder: inout some StateCoder) throws(StateDecodingError)
}

extension StoredDetector {
  /// A detector that continues from stored state, like ``Detector/restored(from:configuration:)``.
  package init(
    decoding bytes: [UInt8], configuration: DetectorConfiguration, scratch: Scratch
  ) throws(StateDecodingError) {
    self.init(configuration: configuration, scratch: scratch)
    try StateDecoder.decode(bytes) { (coder: inout StateDecoder) throws(StateDecodingError) in
      try code(&coder)
    }
  }

  package var alarmHeadroom: Float { judge.alarmHeadroom(seen: seen) }

  package func alarms(on evidence: EvidenceVector, feedbackOffsets: EvidenceVector) -> Bool {
    judge.alarms(on: evidence, seen: seen, feedback: feedbackOffsets)
  }

  package func undoStormGuard() { judge.undoStormGuard() }

  package func restored(
    from bytes: [UInt8], configuration: DetectorConfiguration
  ) throws(StateDecodingError) -> any Detector {
    try Self(decoding: bytes, configuration: configuration, scratch: scratch)
  }

  package func encode() -> [UInt8] {
    StateEncoder.bytes(capacity: byteCount) {
      (coder: inout StateEncoder) throws(StateDecodingError) in try code(&coder)
    }
  }
}
