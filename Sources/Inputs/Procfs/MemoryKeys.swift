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
