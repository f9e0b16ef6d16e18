public import Series

/// Observes every sample processed by the monitor, such as a tap on the control socket.
public protocol SampleObserver: AnyObject {
  /// The metric has processed a sample.
  func note(_ sample: Sample, of metric: MonitoredMetric, at index: Int)
  /// The metric at this index was removed; another one may take its index.
  func forget(_ index: Int)
}
