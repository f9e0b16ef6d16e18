/// Memory errors that the controllers of ECC memory count:
/// `edac.mc0.corrected_errors_per_second`, `edac.mc0.uncorrected_errors_per_second`. A host without
/// ECC memory, or without the driver of its controller, has neither.
final class EDACCollector: Collector {
  static let word = "edac"

  private final class Controller: CensusMember {
    /// A counter file, and the rate that is computed from it.
    struct Counter {
      let source: ProcfsSource<NumbersReading>
      var rate: CounterRate

      mutating func update(_ tick: ProcfsTick) {
        rate.update(source.reading(tick)?[0].flatMap { UInt64(exactly: $0) }, tick)
      }
    }

    let name: String
    var corrected: Counter
    var uncorrected: Counter

    init(_ name: String, corrected: Counter, uncorrected: Counter) {
      self.name = name
      self.corrected = corrected
      self.uncorrected = uncorrected
    }
  }

  private let root: String
  private let directory: String
  private var controllers: Census<Controller>

  init(_ host: CollectorHost) {
    root = host.root
    directory = host.file("sys/devices/system/edac/mc").path
    controllers = Census("memory controllers", maximum: host.maximumDevices)
  }

  func collect(_ tick: ProcfsTick) {
    if controllers.isDue(tick) { count(tick) }
    for controller in controllers.members {
      controller.corrected.update(tick)
      controller.uncorrected.update(tick)
    }
  }

  private func count(_ tick: ProcfsTick) {
    let found = DirectoryListing.entries(of: directory).map(\.name).filter {
      $0.hasPrefix("mc") && $0.dropFirst(2).allSatisfy(\.isNumber)
    }
    controllers.renew(found, tick) { name, _ in
      func counter(_ file: String, _ kind: String) -> Controller.Counter {
        Controller.Counter(
          source: ProcfsSource(
            ProcfsFile("sys/devices/system/edac/mc/\(name)/\(file)", below: root, .fleeting),
            NumbersReading()),
          rate: CounterRate(CounterMetric(name: "edac.\(name).\(kind)_errors_per_second")))
      }
      return Controller(
        name, corrected: counter("ce_count", "corrected"),
        uncorrected: counter("ue_count", "uncorrected"))
    }
  }
}
