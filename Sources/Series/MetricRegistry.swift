/// The table of known metrics: names to dense ids, with a fixed limit.
public struct MetricRegistry: Sendable {
  /// The most metrics that it takes (`MaximumMetrics=`).
  public let capacity: Int
  /// Names in order of registration; `names[id.index]` is the name of `id`.
  public private(set) var names: [MetricName] = []
  /// How many distinct requests for a new metric were refused because the table was full.
  public private(set) var refusals = 0

  private var ids: [MetricName: MetricID] = [:]

  /// An empty table for at most `capacity` metrics, `capacity >= 1`.
  public init(capacity: Int) {
    precondition(capacity >= 1, "a registry needs room for at least one metric")
    self.capacity = capacity
  }

  /// Number of registered metrics.
  public var count: Int { names.count }

  /// The id of a known metric.
  public func id(of name: MetricName) -> MetricID? { ids[name] }

  /// The name of a metric; `id` must come from this registry.
  public func name(of id: MetricID) -> MetricName { names[id.index] }

  /// The id of a metric, new or known; nil, and counted, when the table is full.
  public mutating func register(_ name: MetricName) -> MetricID? {
    if let known = ids[name] { return known }
    guard names.count < capacity else {
      refusals += 1
      return nil
    }
    let id = MetricID(index: names.count)
    ids[name] = id
    names.append(name)
    return id
  }
}
