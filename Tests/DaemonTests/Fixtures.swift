import Daemon
import Detection
import Events
import FoundationEssentials
import Glibc
import Monitor
import Series
import Support

func name(_ text: String) -> MetricName { MetricName(sanitizing: text) }

func watchAll(_ metric: MetricName) -> MetricPolicy { .watch(DetectorConfiguration()) }

/// A daily wave with some noise and an occasional spike, one value every five minutes; the same at
/// each call.
func wave(_ count: Int) -> [Sample] {
  var random = UInt64(88_172_645_463_325_252)
  return (0..<count).map { index in
    random ^= random << 13
    random ^= random >> 7
    random ^= random << 17
    let noise = Double(random >> 11) / Double(1 << 53) - 0.5
    let spike = index > 400 && index % 197 == 0 ? 60.0 : 0
    return Sample(
      timestamp: Timestamp(seconds: 1_700_000_000 + Double(index) * 300),
      value: 50 + 10 * sin(Double(index) / 45) + noise + spike
    )
  }
}

extension HostMonitor {
  /// Delivers samples to a metric.
  func feed(_ samples: some Sequence<Sample>, to metric: MetricName) {
    guard let id = self.metric(named: metric) else { return }
    for sample in samples { receive(sample, of: id) }
  }

  /// The transitions of the steps since the last call.
  func takeTransitions() -> [EventTransition] { takeSteps().compactMap(\.event?.transition) }
}
