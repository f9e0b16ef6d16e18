import Series

/// Temperatures of the kernel's thermal zones: `thermal.x86_pkg_temp.celsius`.
///
/// Zone numbers may change from boot to boot, so zones are named by their types; if several share
/// a type, the second is `thermal.acpitz_2.celsius`.
final class ThermalCollector: Collector {
  static let word = "thermal"
  static let leastDeviations = [LeastDeviation("thermal.*", 5)]

  private final class Zone: CensusMember {
    let name: String
    let temperature: ProcfsSource<NumbersReading>
    let limits: HardwareLimits?
    var celsius: MetricSlot
    var slow = SlowReads()

    init(
      _ name: String, _ temperature: ProcfsSource<NumbersReading>, _ limits: HardwareLimits?
    ) {
      self.name = name
      self.temperature = temperature
      self.limits = limits
      celsius = MetricSlot("thermal.\(name).celsius")
    }
  }

  private let root: String
  private let directory: String
  private let stopwatch: () -> Duration
  private var zones: Census<Zone>

  init(_ host: CollectorHost) {
    stopwatch = host.calls.stopwatch
    root = host.root
    directory = host.file("sys/class/thermal").path
    zones = Census("thermal zones", maximum: host.maximumDevices)
  }

  func collect(_ tick: ProcfsTick) {
    let isDue = zones.isDue(tick)
    if isDue { count(tick) }
    for zone in zones.members {
      // A suspended zone, such as that of a modem that is off, has no value.
      guard let value = zone.temperature.reading(tick, within: &zone.slow, stopwatch)?[0]
      else { continue }
      let celsius = Double(value) / 1000
      let isPlausible = SensorFile.Quantity.temperature.plausible.contains(celsius)
      tick.deliver(isPlausible ? celsius : .nan, to: &zone.celsius)
      if isDue, let limits = zone.limits { tick.deliver(limits, of: zone.celsius) }
    }
  }

  private func count(_ tick: ProcfsTick) {
    let found = DirectoryListing.entries(of: directory).map(\.name)
      .filter { $0.hasPrefix("thermal_zone") }
    zones.renew(found, tick) { path, free in
      let zone = "sys/class/thermal/" + path
      guard let type = ProcfsFile(zone + "/type", below: root, .fleeting).firstLine(tick)
      else { return nil }
      let file = ProcfsFile(zone + "/temp", below: root, .fleeting)
      return Zone(
        free(type, ""), ProcfsSource(file, NumbersReading()),
        HardwareLimits(maximum: nil, critical: criticalTrip(zone, tick)))
    }
  }

  /// The temperature at which the kernel switches the host off because of a zone.
  private func criticalTrip(_ zone: String, _ tick: ProcfsTick) -> Double? {
    func line(_ trip: Int, _ suffix: String) -> String? {
      ProcfsFile("\(zone)/trip_point_\(trip)_\(suffix)", below: root, .fleeting).firstLine(tick)
    }
    for trip in 0..<16 {
      guard let type = line(trip, "type") else { return nil }
      if type == "critical" { return line(trip, "temp").flatMap { Double($0) }.map { $0 / 1000 } }
    }
    return nil
  }
}
