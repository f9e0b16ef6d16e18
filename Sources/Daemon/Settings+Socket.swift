import Config
import Inputs

extension Settings.Socket {
  func configuration(named name: String) -> SocketConfiguration {
    var result = SocketConfiguration(name: name, path: path)
    result.mode = mode
    result.group = group
    result.flushInterval = flushInterval
    result.idleGauges =
      switch idleGauges {
      case .absent: .absent
      case .hold: .hold
      }
    result.signedGauges =
      switch signedGauges {
      case .delta: .delta
      case .value: .value
      }
    result.tags = tags.map { .chosen($0) } ?? .all
    result.precision =
      switch precision {
      case .auto: .automatic
      case .ns: .nanoseconds
      case .us: .microseconds
      case .ms: .milliseconds
      case .s: .seconds
      }
    result.forgetAfter = forgetAfter
    result.datagramsPerSecond = datagramsPerSecond
    result.datagramBytes = datagramBytes
    result.metricsPerSender = metricsPerSender
    result.maximumMetrics = maximumMetrics
    if let prefix { result.prefix = prefix }
    return result
  }
}
