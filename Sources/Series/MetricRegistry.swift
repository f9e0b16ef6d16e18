/// The table of known metrics: maps names to dense ids, up to a limit.
public struct MetricRegistry: Sendable {
  /// The maximum number of metrics (`MaximumMetrics=`).
  public private(set) var capacity: Int
  /// Names in order of registration, until one is removed; `names[id.index]` is the name of `id`.
  public private(set) var names: [MetricName] = []
  /// How many requests for a new metric were refused because the table was full.
  public private(set) var refusals = 0
  /// How many metrics were removed; changes with every removal.
  public private(set) var removals = 0

  private var ids: [MetricName: MetricID] = [:]
  private var serials: [UInt32] = []
  private var nextSerial: UInt32 = 0

  /// An empty table for at most `capacity` metrics, `capacity >= 1`.
  public init(capacity: Int) {
    precondition(capacity >= 1, "a registry must hold at least one metric")
    self.capacity = capacity
  }

  /// Number of registered metrics.
  public var count: Int { names.count }

  /// Whether a new metric would be refused.
  public var isFull: Bool { names.count >= capacity }

  /// The id of a known metric.
  public func id(of name: MetricName) -> MetricID? { ids[name] }

  /// The name of a metric; `id` must be valid.
  public func name(of id: MetricID) -> MetricName { names[id.index] }

  /// Whether the id is still valid.
  public func isValid(_ id: MetricID) -> Bool {
    serials.indices.contains(id.index) && serials[id.index] == id.serial
  }

  /// The id of a metric, new or known; nil, and counted, if the table is full.
  public mutating func register(_ name: MetricName) -> MetricID? {
    if let known = ids[name] { return known }
    guard !isFull else {
      refusals += 1
      return nil
    }
    let id = MetricID(index: names.count, serial: takeSerial())
    ids[name] = id
    names.append(name)
    serials.append(id.serial)
    return id
  }

  /// Removes the metric at `index`; the last one moves there, under a new id, so that the table
  /// stays dense.
  public mutating func remove(at index: Int) {
    removals += 1
    ids[names[index]] = nil
    let last = names.count - 1
    if index < last {
      let id = MetricID(index: index, serial: takeSerial())
      names[index] = names[last]
      serials[index] = id.serial
      ids[names[index]] = id
    }
    names.removeLast()
    serials.removeLast()
  }

  /// Removes the metric at `index` and registers a new one in its place; no other id changes.
  public mutating func replace(at index: Int, by name: MetricName) -> MetricID {
    removals += 1
    ids[names[index]] = nil
    let id = MetricID(index: index, serial: takeSerial())
    names[index] = name
    serials[index] = id.serial
    ids[name] = id
    return id
  }

  /// Sets another limit, `>= 1`; one below the number of metrics removes none of them.
  public mutating func resize(to capacity: Int) {
    precondition(capacity >= 1, "a registry must hold at least one metric")
    self.capacity = max(capacity, names.count)
  }

  private mutating func takeSerial() -> UInt32 {
    nextSerial &+= 1
    return nextSerial
  }
}
