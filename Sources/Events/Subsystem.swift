import Detection
public import Series

/// The part of a host that a metric belongs to, such as `disk vda`, derived from the metric's name.
public struct Subsystem: Hashable, Sendable, CustomStringConvertible {
  /// Its name in messages.
  public let description: String
  /// One of its metrics, from which everything else is derived.
  let metric: MetricName
  private let kind: Kind

  /// Affects the wording.
  private enum Kind {
    case traffic, processor, other
  }

  /// The subsystem of a metric: known for the host's own metrics, otherwise the name without its last
  /// component.
  public init(of metric: MetricName) {
    self.metric = metric
    let parts = metric.text.split(separator: ".", omittingEmptySubsequences: false)
    let middle = parts.dropFirst().dropLast().joined(separator: ".")
    func named(_ kind: String, _ name: String) -> String {
      name.isEmpty ? kind : "\(kind) \(name)"
    }
    switch (parts[0], parts.count) {
    case ("cpu", 2...) where parts[parts.count - 1] == "iowait",
      ("pressure", 3) where middle == "io":
      (description, self.kind) = ("I/O", .traffic)
    case ("cpu", 2...), ("load", 2): (description, self.kind) = ("cpu", .processor)
    case ("pressure", 3) where middle == "cpu":
      (description, self.kind) = ("cpu", .processor)
    case ("memory", 2), ("swap", 2): (description, self.kind) = ("memory", .other)
    case ("pressure", 3) where middle == "memory":
      (description, self.kind) = ("memory", .other)
    case ("disk", 3...), ("network", 3...):
      (description, self.kind) = (named(String(parts[0]), middle), .traffic)
    case ("filesystem", 3...), ("thermal", 3...), ("sensors", 3...), ("edac", 3...):
      (description, self.kind) = (named(String(parts[0]), middle), .other)
    case ("tcp", 2), ("udp", 2), ("sockets", 2), ("conntrack", 2):
      (description, self.kind) = ("network", .traffic)
    case ("interrupt", 3...), ("soft_interrupt", 3...):
      (description, self.kind) = ("interrupts", .other)
    case ("unit", 3...): (description, self.kind) = (middle, .other)
    case ("input", 2...):
      let name = parts.dropFirst().joined(separator: ".")
      (description, self.kind) = (named("input", name), .other)
    case (let first, 1): (description, self.kind) = (String(first), .other)
    default: (description, self.kind) = (parts.dropLast().joined(separator: "."), .other)
    }
  }

  /// Whether both have the same name.
  public static func == (lhs: Subsystem, rhs: Subsystem) -> Bool {
    lhs.description == rhs.description
  }

  /// Hashes the name.
  public func hash(into hasher: inout Hasher) { hasher.combine(description) }

  /// Its state, given what its metric does, phrased to follow its name: `busy`, `quiet`, or
  /// `unusual`.
  func state(_ direction: Direction, of metric: MetricName) -> String {
    // A falling idle share is a busy processor.
    let isInverse = metric.text.hasSuffix("idle")
    switch (kind, direction) {
    case (.traffic, .high), (.processor, .high): return isInverse ? "quiet" : "busy"
    case (.traffic, .low), (.processor, .low): return isInverse ? "busy" : "quiet"
    default: return "unusual"
    }
  }

  /// Whether a metric only repeats another one: it follows from it by definition.
  static func repeats(_ metric: MetricName, of other: MetricName) -> Bool {
    let (name, last) = split(metric)
    let (otherName, otherLast) = split(other)
    return name == otherName && (consequences[otherLast]?.contains(last) ?? false)
  }

  private static func split(_ metric: MetricName) -> (prefix: Substring, last: String) {
    let text = metric.text
    guard let dot = text.lastIndex(of: ".") else { return ("", text) }
    return (text[..<dot], String(text[text.index(after: dot)...]))
  }

  /// The metrics with the same prefix that follow from a metric, by their last components.
  private static let consequences: [String: Set<String>] = [
    "busy": ["idle", "user", "nice", "system", "guest"],
    "available_bytes": [
      "used_bytes", "free_bytes", "active_bytes", "inactive_bytes", "cached_bytes",
      "anonymous_bytes", "mapped_bytes", "committed_bytes", "buffers_bytes",
    ],
    "used_ratio": [
      "available_bytes", "used_bytes", "free_bytes", "active_bytes", "inactive_bytes",
      "cached_bytes", "anonymous_bytes", "mapped_bytes", "committed_bytes", "buffers_bytes",
    ],
    "full": ["some"],
  ]
}
