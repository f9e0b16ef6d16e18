public import Config
import Detection
import Glibc
import Monitor
import Series
import System

/// The memory that a configuration needs if all of MaximumMetrics= is used, compared with the
/// available memory.
public struct MemoryNeed {
  /// A limit in bytes, and its origin.
  public struct Limit: Equatable, Sendable {
    /// The limit in bytes.
    public var bytes: Int
    /// Its name for messages.
    public var name: String

    /// A limit.
    public init(bytes: Int, name: String) {
      self.bytes = bytes
      self.name = name
    }
  }

  /// Bytes, with all metrics.
  public let bytes: Int
  private let metrics: Int
  private let history: Int
  /// A daemon without metrics, plus temporary allocations.
  private static let base = 16 << 20

  /// The memory that these settings can need.
  public init(_ settings: Settings) {
    metrics = settings.agent.maximumMetrics
    history = settings.agent.historySamples
    let each = ValueDetector.byteCount + RingBuffer.byteCount(capacity: history)
    bytes = MemoryNeed.base + metrics * each
  }

  /// The lowest of the limits that is lower than the need; nil if all of it may be used.
  public func exceeded(_ limits: [Limit]) -> Limit? {
    limits.filter { $0.bytes < bytes }.min { $0.bytes < $1.bytes }
  }

  /// A line for the user, with a warning if one of the limits is lower.
  public func summary(_ limits: [Limit]) -> String {
    (exceeded(limits) == nil ? "memory: " : "warning: memory: ") + explanation(limits)
  }

  /// What is needed and why, and the limit that is lower.
  public func explanation(_ limits: [Limit]) -> String {
    "up to \(HumanNumber.bytes(bytes)) for \(HumanNumber.count(metrics)) metrics "
      + "(MaximumMetrics=) with \(HumanNumber.count(history)) samples each (HistorySamples=)"
      + (exceeded(limits).map { ", but \($0.name) is \(HumanNumber.bytes($0.bytes))" } ?? "")
  }

  /// The limits of this host: its memory, and `MemoryMax=` of the service, if it is running or this
  /// process belongs to it.
  public static func limitsOfHost() -> [Limit] {
    let pages = sysconf(Int32(_SC_PHYS_PAGES)), page = sysconf(Int32(_SC_PAGESIZE))
    var limits: [Limit] = []
    if pages > 0, page > 0 { limits.append(Limit(bytes: pages * page, name: "the host's memory")) }
    let service = "/sys/fs/cgroup/system.slice/anomalyd.service/memory.max"
    if let bytes = firstNumber(of: service) {
      limits.append(Limit(bytes: bytes, name: "MemoryMax= of anomalyd.service"))
    }
    return limits
  }

  private static func firstNumber(of path: String) -> Int? {
    // `max` means that there is no limit.
    guard let file = try? Descriptor(opening: path, O_RDONLY),
      let bytes = try? file.readAll(atMost: 32)
    else { return nil }
    return Int(String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self))
  }
}
