import Series

/// Sensors of the kernel's hwmon drivers: `sensors.coretemp.0.Core_0.celsius`,
/// `sensors.nct6775.656.fan2.rpm`, `sensors.nvme0.Composite.celsius`, and volts, amperes, watts.
///
/// A chip is named by its driver and its device, a sensor by its label if it has one.
/// The kernel's Documentation/hwmon/sysfs-interface.rst.
final class SensorsCollector: Collector {
  static let word = "sensors"
  static let isDefault = false
  static let leastDeviations = [LeastDeviation("sensors.*.celsius", 5)]

  private final class Sensor: CensusMember {
    let name: String
    let source: ProcfsSource<NumbersReading>
    let quantity: SensorFile.Quantity
    let limits: HardwareLimits?
    var channel: MetricSlot
    var slow = SlowReads()

    init(
      _ name: String, _ source: ProcfsSource<NumbersReading>, _ quantity: SensorFile.Quantity,
      _ limits: HardwareLimits?
    ) {
      self.name = name
      self.source = source
      self.quantity = quantity
      self.limits = limits
      channel = MetricSlot("sensors.\(name)")
    }
  }

  private let root: String
  private let directory: String
  private let filter: NameFilter
  private let stopwatch: () -> Duration
  private var sensors: Census<Sensor>

  init(_ host: CollectorHost) {
    stopwatch = host.calls.stopwatch
    root = host.root
    filter = host.section.sensors
    directory = host.file("sys/class/hwmon").path
    sensors = Census("sensors", maximum: host.maximumDevices)
  }

  func collect(_ tick: ProcfsTick) {
    let isDue = sensors.isDue(tick)
    if isDue { count(tick) }
    for sensor in sensors.members {
      guard let value = sensor.source.reading(tick, within: &sensor.slow, stopwatch)?[0]
      else { continue }
      let measured = Double(value) * sensor.quantity.scale
      let isPlausible = sensor.quantity.plausible.contains(measured)
      tick.deliver(isPlausible ? measured : .nan, to: &sensor.channel)
      if isDue, let limits = sensor.limits { tick.deliver(limits, of: sensor.channel) }
    }
  }

  private func count(_ tick: ProcfsTick) {
    var found: [String] = []
    for chip in DirectoryListing.entries(of: directory) where chip.mayBeDirectory {
      // Old drivers keep a chip's files in its device directory.
      for place in [chip.name, chip.name + "/device"] {
        let files = DirectoryListing.entries(of: directory + "/" + place).map(\.name)
        let inputs = files.filter { SensorFile($0) != nil }
        found += inputs.map { place + "/" + $0 }
        if !inputs.isEmpty { break }
      }
    }
    sensors.renew(found, tick) { path, free in sensor(at: path, free, tick) }
  }

  private func sensor(
    at path: String,
    _ free: (_ stem: String, _ suffix: String) -> String,
    _ tick: ProcfsTick
  ) -> Sensor? {
    guard let slash = path.lastIndex(of: "/"),
      let file = SensorFile(String(path[path.index(after: slash)...]))
    else { return nil }
    let place = String(path[..<slash])
    let chip = chipName(place, tick)
    let labelPath = "sys/class/hwmon/\(place)/\(file.stem)_label"
    let label = ProcfsFile(labelPath, below: root, .fleeting).firstLine(tick) ?? file.stem
    let shortName = chip + "." + label.replacing(" ", with: "_")
    guard filter.wants(shortName) else { return nil }
    let source = ProcfsSource(
      ProcfsFile("sys/class/hwmon/" + path, below: root, .fleeting), NumbersReading())
    let stem = "sys/class/hwmon/\(place)/\(file.stem)"
    return Sensor(
      free(shortName, "." + file.quantity.unit), source, file.quantity,
      file.quantity == .temperature ? limits(stem, tick) : nil)
  }

  /// The temperature limits stated by a sensor's chip.
  private func limits(_ stem: String, _ tick: ProcfsTick) -> HardwareLimits? {
    func celsius(_ suffix: String) -> Double? {
      ProcfsFile("\(stem)_\(suffix)", below: root, .fleeting).firstLine(tick)
        .flatMap { Double($0) }.map { $0 / 1000 }
    }
    return HardwareLimits(maximum: celsius("max"), critical: celsius("crit"))
  }

  /// The driver's name and the device's; only one of them if it begins with the other.
  private func chipName(_ place: String, _ tick: ProcfsTick) -> String {
    let hwmon = place.prefix { $0 != "/" }
    let driver =
      ProcfsFile("sys/class/hwmon/\(place)/name", below: root, .fleeting).firstLine(tick)
      ?? String(hwmon)
    guard let device = DirectoryListing.targetName(of: "\(directory)/\(hwmon)/device")
    else { return driver }
    return device.hasPrefix(driver) ? device : driver + "-" + device
  }
}

/// The file of a sensor's value, such as `temp1_input`.
package struct SensorFile: Equatable {
  /// The measured quantity.
  package enum Quantity: CaseIterable, Equatable {
    case temperature, fan, voltage, current, power, humidity

    /// The prefix of files of this quantity.
    var prefix: String {
      switch self {
      case .temperature: "temp"
      case .fan: "fan"
      case .voltage: "in"
      case .current: "curr"
      case .power: "power"
      case .humidity: "humidity"
      }
    }

    /// The unit of the metric.
    package var unit: String {
      switch self {
      case .temperature: "celsius"
      case .fan: "rpm"
      case .voltage: "volts"
      case .current: "amperes"
      case .power: "watts"
      case .humidity: "humidity_percent"
      }
    }

    /// The physically plausible range, in the metric's unit; a value outside is a driver's
    /// rendering of a register that it could not read, and becomes a gap. Temperatures end where
    /// thermocouples do (type C: 2315 degrees), the others far above any hardware.
    package var plausible: ClosedRange<Double> {
      switch self {
      case .temperature: -273.15...2500
      case .fan: 0...1e6
      case .voltage, .current: -1e5...1e5
      case .power: -1e7...1e7
      case .humidity: 0...110
      }
    }

    /// One unit of the file in that unit.
    package var scale: Double {
      switch self {
      case .temperature, .voltage, .current, .humidity: 1e-3
      case .fan: 1
      case .power: 1e-6
      }
    }
  }

  /// The measured quantity.
  package let quantity: Quantity
  /// The name without `_input`, such as `temp1`.
  package let stem: String

  /// Nil for a file that is not a sensor's value.
  package init?(_ name: String) {
    let parts = name.split(separator: "_", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    for quantity in Quantity.allCases where parts[0].hasPrefix(quantity.prefix) {
      let number = parts[0].dropFirst(quantity.prefix.count)
      guard !number.isEmpty, number.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
        continue
      }
      // Power meters have an average instead of, or in addition to, a momentary value.
      guard parts[1] == "input" || (quantity == .power && parts[1] == "average") else { return nil }
      self.quantity = quantity
      stem = String(parts[0])
      return
    }
    return nil
  }
}
