import Series

/// Selected systemd units, by their control groups: `unit.nginx.service.processors`,
/// `unit.nginx.service.memory_bytes`, ... Needs cgroup v2.
///
/// A unit that is stopped loses its metrics; one that is started gets them within a minute.
final class UnitsCollector: Collector {
  static let word = "units"
  static let leastDeviations = [
    LeastDeviation("unit.*", 5),
    LeastDeviation("unit.*.processors", 0.05),
    LeastDeviation("unit.*.throttled", 0.05),
    LeastDeviation("unit.*_bytes", 16e6, percent: 2),
    LeastDeviation("unit.*_bytes_per_second", 1e6),
  ]

  /// The maximum depth of control groups below the root, and the maximum number searched.
  private static let maximumDepth = 10
  private static let maximumGroups = 20_000

  private let root: String
  private let directory: String
  private let filter: NameFilter
  private var units: Census<UnitRates>
  private var notified = false

  init(_ host: CollectorHost) {
    root = host.root
    filter = NameFilter(include: host.section.units)
    directory = host.file("sys/fs/cgroup").path
    units = Census("systemd units", maximum: min(host.maximumDevices, 64))
  }

  func collect(_ tick: ProcfsTick) {
    guard !filter.include.isEmpty else { return }
    if units.isDue(tick) { count(tick) }
    for unit in units.members { unit.collect(tick) }
  }

  private func count(_ tick: ProcfsTick) {
    let entries = DirectoryListing.entries(of: directory)
    if !entries.contains(where: { $0.name == "cgroup.controllers" }) {
      notifyOnce(
        .info, "\(directory): expected cgroup v2, found none; unit.* is not available", tick)
      units.renew([], tick) { _, _ in nil }
      return
    }
    var groups: [String] = []
    var next = [""]
    var depth = 0
    while !next.isEmpty, depth < UnitsCollector.maximumDepth {
      let level = next
      next = []
      for group in level {
        // Files have a dot after the controller's name, and no directories among them.
        for entry in depth == 0 ? entries : DirectoryListing.entries(of: directory + group)
        where entry.mayBeDirectory && !entry.isLink {
          next.append(group + "/" + entry.name)
        }
        guard groups.count + next.count < UnitsCollector.maximumGroups else {
          notifyOnce(
            .warning,
            "\(directory): expected at most \(UnitsCollector.maximumGroups) control groups, found "
              + "more; units in the rest are not watched",
            tick
          )
          next = []
          break
        }
      }
      groups += next
      depth += 1
    }
    let found = groups.filter { group in
      UnitsCollector.unitName(group).map { filter.wants($0) } ?? false
    }
    units.renew(found, tick) { group, free in
      UnitsCollector.unitName(group).map {
        UnitRates(free($0, ""), group: "sys/fs/cgroup" + group, below: root)
      }
    }
  }

  /// The last path component, if it is a unit that has a control group.
  private static func unitName(_ group: String) -> String? {
    guard let slash = group.lastIndex(of: "/") else { return nil }
    let name = String(group[group.index(after: slash)...])
    let kinds = [".service", ".slice", ".scope", ".socket", ".mount", ".swap"]
    return kinds.contains { name.hasSuffix($0) } ? name : nil
  }

  private func notifyOnce(
    _ severity: Notice.Severity,
    _ text: String,
    _ tick: ProcfsTick
  ) {
    guard !notified else { return }
    notified = true
    tick.notify(severity, text)
  }
}
