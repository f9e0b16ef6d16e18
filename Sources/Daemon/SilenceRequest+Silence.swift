import Config
import Control
import Monitor
import Series

extension SilenceRequest {
  /// The maximum number of patterns of one silence, and the maximum total bytes.
  private static let maximumPatterns = 64
  private static let maximumPatternBytes = 4_096

  /// The silence to be added, without its number.
  func silence(of user: UInt32, at now: Timestamp) throws(ControlError) -> Silence {
    let globs = metrics.compactMap { Glob($0) }
    guard globs.count == metrics.count, metrics.count <= SilenceRequest.maximumPatterns,
      metrics.reduce(0, { $0 + $1.utf8.count }) <= SilenceRequest.maximumPatternBytes
    else { throw .invalidParameter("metrics") }
    let durations = SilenceSection.durations
    guard durations.contains(.seconds(seconds)) else { throw .invalidParameter("seconds") }
    guard reason.utf8.count <= SilenceSection.maximumReasonBytes else {
      throw .invalidParameter("reason")
    }
    guard suppressesAlarms || suppressesLearning else {
      throw .silenceRefused("a silence that suppresses neither alarms nor learning does nothing")
    }
    let from = from ?? now
    let until = from.advanced(by: .seconds(seconds))
    guard until > now else {
      throw .silenceRefused("a silence until \(until.iso8601) would already be over")
    }
    guard from <= now.advanced(by: durations.upperBound) else {
      throw .silenceRefused("a silence from \(from.iso8601) starts more than a year from now")
    }
    return Silence(
      id: "",
      origin: .call(user: user, at: now),
      metrics: globs,
      times: .once(from: from, until: until),
      suppressesAlarms: suppressesAlarms,
      suppressesLearning: suppressesLearning,
      reason: reason
    )
  }
}

extension Silence {
  /// The metrics it applies to, in words.
  var subject: String {
    metrics.isEmpty ? "all metrics" : metrics.map(\.text).joined(separator: " ")
  }

  /// When it is active, in words.
  var extent: String {
    guard case .once(let from, let until) = times else { return "time to time" }
    return "\(from.iso8601) to \(until.iso8601)"
  }

  /// What it suppresses, in words.
  var effect: String {
    switch (suppressesAlarms, suppressesLearning) {
    case (true, true): "no alarms, and nothing is learnt"
    case (true, false): "no alarms"
    default: "nothing is learnt"
    }
  }
}
