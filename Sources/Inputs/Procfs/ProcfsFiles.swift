/// Reads one subject and delivers its samples.
protocol Collector: AnyObject {
  /// Takes one reading. Faults are counted and reported by the file they occur in.
  func collect(_ tick: ProcfsTick)
}

/// The files that more than one collector reads.
struct ProcfsFiles {
  let root: String
  let stat: ProcfsSource<KernelStat>
  let meminfo: ProcfsSource<KeyedReading<MemoryKey>>
  let vmstat: ProcfsSource<KeyedReading<PagingKey>>
  let loadavg: ProcfsSource<LoadAverages>

  let snmp: ProcfsSource<ProtocolReading<TransportKey>>

  /// - Parameter maximumCores: how many single processors are read, 0 for none.
  init(below root: String, maximumCores: Int) {
    self.root = root
    stat = ProcfsSource(
      ProcfsFile("proc/stat", below: root), KernelStat(maximumCores: maximumCores))
    snmp = ProcfsSource(ProcfsFile("proc/net/snmp", below: root), ProtocolReading(.headings))
    meminfo = ProcfsSource(ProcfsFile("proc/meminfo", below: root), KeyedReading())
    vmstat = ProcfsSource(ProcfsFile("proc/vmstat", below: root), KeyedReading())
    loadavg = ProcfsSource(ProcfsFile("proc/loadavg", below: root), LoadAverages())
  }

  func collector(
    _ kind: ProcfsCollector,
    _ configuration: ProcfsConfiguration,
    _ calls: HostCalls
  ) -> any Collector {
    let maximum = configuration.maximumDevices
    return switch kind {
    case .cpu: CPUCollector(stat)
    case .cores: CoresCollector(stat)
    case .load: LoadCollector(loadavg)
    case .memory: MemoryCollector(meminfo, vmstat)
    case .swap: SwapCollector(meminfo, vmstat)
    case .disk:
      DeviceCollector<DiskRows>(
        ProcfsFile("proc/diskstats", below: root),
        DeviceWatch(configuration.disks, maximum: maximum)
      )
    case .network:
      DeviceCollector<InterfaceRows>(
        ProcfsFile("proc/net/dev", below: root),
        DeviceWatch(configuration.interfaces, maximum: maximum)
      )
    case .interrupts:
      InterruptsCollector(below: root, configuration.interrupts, maximum: maximum)
    case .pressure: PressureCollector(below: root)
    case .processes: ProcessesCollector(stat, loadavg)
    case .filesystem:
      FilesystemsCollector(
        below: root,
        configuration.filesystems,
        maximum: maximum,
        use: calls.filesystemUse
      )
    case .tcp:
      TCPCollector(
        snmp,
        ProcfsSource(ProcfsFile("proc/net/netstat", below: root), ProtocolReading(.headings))
      )
    case .udp:
      UDPCollector(
        snmp,
        ProcfsSource(ProcfsFile("proc/net/snmp6", below: root, .optional), KeyedReading())
      )
    case .sockets: SocketsCollector(below: root)
    case .conntrack: ConntrackCollector(below: root)
    case .files: FilesCollector(below: root)
    case .entropy: EntropyCollector(below: root)
    case .thermal: ThermalCollector(below: root, maximum: maximum, stopwatch: calls.stopwatch)
    case .sensors:
      SensorsCollector(
        below: root,
        configuration.sensors,
        maximum: maximum,
        stopwatch: calls.stopwatch
      )
    case .units:
      UnitsCollector(below: root, patterns: configuration.units, maximum: min(maximum, 64))
    case .clock: ClockCollector(calls.clockState)
    }
  }
}
