/// Memory usage in bytes, as a share, and page faults: `memory.available_bytes`,
/// `memory.used_ratio`, `memory.major_faults_per_second`, ...
///
/// used is total minus available. Kernels before 3.14 do not report available memory; it is then
/// estimated as free, buffers, cache without shared memory, and reclaimable slab.
final class MemoryCollector: Collector {
  static let word = "memory"
  static let leastDeviations = [
    LeastDeviation("memory.*_bytes", 16e6, percent: 2),
    LeastDeviation("memory.dirty_bytes", 100e6),
    LeastDeviation("memory.writeback_bytes", 100e6),
    LeastDeviation("memory.*_per_second", 100),
    LeastDeviation("memory.out_of_memory_kills_per_second", 0),
    LeastDeviation("memory.used_ratio", 0.02),
  ]

  private let meminfo: ProcfsSource<KeyedReading<MemoryKey>>
  private let vmstat: ProcfsSource<KeyedReading<PagingKey>>
  private var available = MetricSlot("memory.available_bytes")
  private var used = MetricSlot("memory.used_bytes")
  private var usedRatio = MetricSlot("memory.used_ratio")
  private let keys: [MemoryKey]
  private var channels: [MetricSlot]
  private let pagingKeys: [PagingKey]
  private var rates: [CounterRate]

  init(_ host: CollectorHost) {
    meminfo = host.meminfo
    vmstat = host.vmstat
    let sizes: [(MemoryKey, String)] = [
      (.free, "free"), (.buffers, "buffers"), (.cached, "cached"), (.active, "active"),
      (.inactive, "inactive"), (.dirty, "dirty"), (.writeback, "writeback"),
      (.anonymous, "anonymous"), (.mapped, "mapped"), (.shared, "shared"),
      (.slabReclaimable, "slab_reclaimable"), (.slabUnreclaimable, "slab_unreclaimable"),
      (.kernelStack, "kernel_stack"), (.pageTables, "page_tables"), (.committed, "committed"),
    ]
    keys = sizes.map(\.0)
    channels = sizes.map { MetricSlot("memory.\($0.1)_bytes") }
    let events: [(PagingKey, String)] = [
      (.faults, "faults"), (.majorFaults, "major_faults"), (.scannedByDaemon, "daemon_scans"),
      (.scannedDirectly, "direct_scans"), (.outOfMemoryKills, "out_of_memory_kills"),
    ]
    pagingKeys = events.map(\.0)
    rates = events.map {
      CounterRate(CounterMetric(name: "memory.\($0.1)_per_second", plausiblePerSecond: 1e8))
    }
  }

  func collect(_ tick: ProcfsTick) {
    if let memory = meminfo.reading(tick) { deliver(memory, tick) }
    guard let paging = vmstat.reading(tick) else { return }
    for index in rates.indices { rates[index].update(paging[pagingKeys[index]], tick) }
  }

  private func deliver(_ memory: KeyedReading<MemoryKey>, _ tick: ProcfsTick) {
    for index in keys.indices {
      guard let bytes = memory[keys[index]] else { continue }
      tick.deliver(count: bytes, to: &channels[index])
    }
    guard let total = memory[.total], total > 0,
      let bytes = memory[.available].map({ Double($0) }) ?? MemoryCollector.estimate(memory)
    else { return }
    let free = min(max(bytes, 0), Double(total))
    tick.deliver(free, to: &available)
    tick.deliver(Double(total) - free, to: &used)
    tick.deliver(1 - free / Double(total), to: &usedRatio)
  }

  private static func estimate(_ memory: KeyedReading<MemoryKey>) -> Double? {
    guard let free = memory[.free], let buffers = memory[.buffers], let cached = memory[.cached]
    else { return nil }
    return Double(free) + Double(buffers) + Double(cached)
      + Double(memory[.slabReclaimable] ?? 0) - Double(memory[.shared] ?? 0)
  }
}

/// The wanted lines of /proc/meminfo. `man 5 proc_meminfo`.
package enum MemoryKey: Int, ProcfsKey {
  case total, free, available, buffers, cached, active, inactive, swapTotal, swapFree, dirty
  case writeback, anonymous, mapped, shared, slabReclaimable, slabUnreclaimable, kernelStack
  case pageTables, committed

  package static let separator = UInt8(ascii: ":")

  package var isRequired: Bool { self == .total || self == .free }

  package var text: StaticString {
    switch self {
    case .total: "MemTotal"
    case .free: "MemFree"
    case .available: "MemAvailable"
    case .buffers: "Buffers"
    case .cached: "Cached"
    case .active: "Active"
    case .inactive: "Inactive"
    case .swapTotal: "SwapTotal"
    case .swapFree: "SwapFree"
    case .dirty: "Dirty"
    case .writeback: "Writeback"
    case .anonymous: "AnonPages"
    case .mapped: "Mapped"
    case .shared: "Shmem"
    case .slabReclaimable: "SReclaimable"
    case .slabUnreclaimable: "SUnreclaim"
    case .kernelStack: "KernelStack"
    case .pageTables: "PageTables"
    case .committed: "Committed_AS"
    }
  }
}

/// The wanted lines of /proc/vmstat: counts of pages and events since boot.
package enum PagingKey: Int, ProcfsKey {
  case swappedIn, swappedOut, faults, majorFaults, scannedByDaemon, scannedDirectly,
    outOfMemoryKills

  package static let separator = UInt8(ascii: " ")

  package var isRequired: Bool { self == .faults }

  package var text: StaticString {
    switch self {
    case .swappedIn: "pswpin"
    case .swappedOut: "pswpout"
    case .faults: "pgfault"
    case .majorFaults: "pgmajfault"
    case .scannedByDaemon: "pgscan_kswapd"
    case .scannedDirectly: "pgscan_direct"
    case .outOfMemoryKills: "oom_kill"
    }
  }
}
