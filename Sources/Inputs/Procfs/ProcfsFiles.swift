/// Reads one subject and delivers its samples.
protocol Collector: AnyObject {
  /// Takes one reading. What goes wrong is counted and told by the file that it lies in.
  func collect(_ tick: ProcfsTick)
}

/// The files that more than one collector reads.
struct ProcfsFiles {
  let root: String
  let stat: ProcfsSource<KernelStat>
  let meminfo: ProcfsSource<KeyedReading<MemoryKey>>
  let vmstat: ProcfsSource<KeyedReading<PagingKey>>
  let loadavg: ProcfsSource<LoadAverages>

  init(below root: String) {
    self.root = root
    stat = ProcfsSource(ProcfsFile("proc/stat", below: root), KernelStat())
    meminfo = ProcfsSource(ProcfsFile("proc/meminfo", below: root), KeyedReading())
    vmstat = ProcfsSource(ProcfsFile("proc/vmstat", below: root), KeyedReading())
    loadavg = ProcfsSource(ProcfsFile("proc/loadavg", below: root), LoadAverages())
  }

  func collector(
    _ kind: ProcfsCollector,
    _ configuration: ProcfsConfiguration
  ) -> any Collector {
    switch kind {
    case .cpu: CPUCollector(stat)
    case .load: LoadCollector(loadavg)
    case .memory: MemoryCollector(meminfo, vmstat)
    case .swap: SwapCollector(meminfo, vmstat)
    case .disk:
      DeviceCollector<DiskRows>(
        ProcfsFile("proc/diskstats", below: root),
        configuration.disks,
        maximum: configuration.maximumDevices
      )
    case .network:
      DeviceCollector<InterfaceRows>(
        ProcfsFile("proc/net/dev", below: root),
        configuration.interfaces,
        maximum: configuration.maximumDevices
      )
    case .pressure: PressureCollector(below: root)
    case .processes: ProcessesCollector(stat, loadavg)
    }
  }
}
