/// Records the resource usage of every control group of this host repeatedly, to determine
/// afterwards who began to use more.
public final class UnitSurvey {
  /// Maximum number of control groups examined; those found last are left out.
  package static let maximumGroups = 512
  /// How many of the newest passes are kept.
  private static let recentPasses = 24
  /// How many older passes are kept, and how far apart: enough to compare with the minutes before a
  /// level was crossed that must last for a quarter of an hour.
  private static let olderPasses = 14
  private static let olderSpacing = Duration.seconds(120)
  /// Maximum time that counts as the minutes before.
  private static let lookBack = Duration.seconds(360)
  /// The levels below the root.
  private static let maximumDepth = 10

  /// The data of one control group.
  private struct Group {
    let unit: String?
    let parent: String
    /// By pass, oldest first.
    var readings: [Reading] = []

    func reading(in pass: Pass) -> Reading? { readings.last { $0.pass == pass.number } }
  }

  /// A control group's usage when it was read. A pass is made in slices, and on a busy host those
  /// are seconds apart.
  private struct Reading {
    let pass: Int
    let instant: Duration
    let usage: UnitUsage
  }

  private struct Pass {
    let number: Int
    let began: Duration
  }

  /// Whether this host has control groups.
  public var isPossible: Bool { files != nil }

  private let files: GroupFiles?
  private var groups: [String: Group] = [:]
  private let clock: () -> Duration
  private var passes: [Pass] = []
  private var present = Pass(number: 0, began: .zero)
  private var waiting: [String] = []
  private var seen: Set<String> = []

  /// A survey of the host below a directory; reads nothing yet.
  /// - Parameter clock: one that stops while the machine is suspended.
  public init(rootPath: String, clock: @escaping () -> Duration) {
    self.clock = clock
    files = GroupFiles(rootPath: rootPath)
  }

  // MARK: Passes

  /// Whether a pass is in progress.
  public var isPassing: Bool { !waiting.isEmpty }

  /// When the newest complete pass began; nil before the first.
  public var newest: Duration? { passes.last?.began }

  /// Begins a pass, unless one is in progress.
  public func begin() {
    guard isPossible, !isPassing else { return }
    present = Pass(number: present.number + 1, began: clock())
    waiting = [""]
    seen = []
  }

  /// Continues the pass with at least one control group, until time is up.
  /// - Returns: whether it is complete.
  public func advance(until isOver: () -> Bool) -> Bool {
    while let path = waiting.popLast() {
      visit(path)
      if isOver() { break }
    }
    guard waiting.isEmpty else { return false }
    if passes.last?.number != present.number, present.number > 0 { endPass() }
    return true
  }

  private func endPass() {
    passes.append(present)
    guard let index = surplus else { return }
    let number = passes.remove(at: index).number
    for path in groups.keys {
      groups[path]?.readings.removeAll { $0.pass == number }
      if groups[path]?.readings.isEmpty ?? false { groups[path] = nil }
    }
  }

  /// The pass to drop, now that there is one more.
  private var surplus: Int? {
    let older = passes.count - UnitSurvey.recentPasses
    guard older > 0 else { return nil }
    if older > 1, passes[older - 1].began - passes[older - 2].began < UnitSurvey.olderSpacing {
      return older - 1
    }
    return older > UnitSurvey.olderPasses ? 0 : nil
  }

  private func visit(_ path: String) {
    // It may have been removed since its parent was listed.
    guard let files, let hasGroupsBelow = files.hasGroups(below: path) else { return }
    let instant = clock()
    let usage = files.usage(of: path)
    if groups[path] == nil {
      let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
      groups[path] = Group(unit: UnitName.name(of: path), parent: parent)
    }
    groups[path]?.readings.append(
      Reading(pass: present.number, instant: instant, usage: usage))
    seen.insert(path)
    guard hasGroupsBelow,
      path.utf8.count(where: { $0 == UInt8(ascii: "/") }) < UnitSurvey.maximumDepth
    else { return }
    for name in files.groups(below: path) {
      guard seen.count + waiting.count < UnitSurvey.maximumGroups else { return }
      waiting.append(path + "/" + name)
    }
  }

  // MARK: Comparison

  /// How much more each unit has used since something began, compared with the minutes before.
  ///
  /// Rates are those of the busiest interval between two passes since then, minus the average
  /// before.
  /// - Parameter start: when it began, by the clock of the survey.
  /// - Returns: the units that use more, unordered; empty if the minutes before are unknown.
  public func changes(since start: Duration) -> [UnitChange] {
    guard let base = passes.lastIndex(where: { $0.began <= start }), base > 0,
      base + 1 < passes.count
    else { return [] }
    let earliest = passes[base].began - UnitSurvey.lookBack
    let first = passes[..<base].firstIndex { $0.began >= earliest } ?? base - 1
    let before = rates(from: passes[first], to: passes[base])
    var recent: [String: UnitUsage] = [:]
    for index in base..<passes.count - 1 {
      for (unit, rate) in rates(from: passes[index], to: passes[index + 1]) {
        recent[unit, default: UnitUsage()].raise(to: rate)
      }
    }
    let newest = passes[passes.count - 1]
    // Memory fills up before anything else shows it: growth just before the beginning counts as well.
    var memory = memory(from: passes[base - 1], to: newest)
    // A unit that was killed for its memory grew before that, and has none now.
    for group in groups.values where group.reading(in: newest) == nil {
      guard let unit = group.unit, group.reading(in: passes[base]) != nil,
        let first = group.readings.first?.usage.memory,
        let last = group.readings.last?.usage.memory
      else { continue }
      memory[unit] = last - first
      if recent[unit] == nil { recent[unit] = UnitUsage() }
    }
    return recent.map { unit, rate in
      func more(_ path: KeyPath<UnitUsage, Double?>) -> Double {
        max(0, (rate[keyPath: path] ?? 0) - (before[unit]?[keyPath: path] ?? 0))
      }
      return UnitChange(
        unit: unit, cpu: more(\.cpu), readRate: more(\.read), writeRate: more(\.written),
        memory: max(0, memory[unit] ?? 0))
    }
  }

  /// The usage of each unit per second between two passes, without the units below it. The last
  /// usage of a unit that has ended meanwhile is only known for the group above it.
  private func rates(from old: Pass, to new: Pass) -> [String: UnitUsage] {
    var whole: [String: UnitUsage] = [:]
    var below: [String: UnitUsage] = [:]
    var ended: [String: [Group]] = [:]
    for (path, group) in groups {
      let before = group.reading(in: old)
      guard let now = group.reading(in: new) else {
        if before != nil { ended[group.parent, default: []].append(group) }
        continue
      }
      let seconds = (now.instant - (before?.instant ?? old.began)).inSeconds
      guard seconds > 0 else { continue }
      // A new unit has used all of its total since then.
      let rate = (before.map { now.usage - $0.usage } ?? now.usage).divided(by: seconds)
      whole[path] = rate
      if !path.isEmpty { below[group.parent, default: UnitUsage()] += rate }
    }
    var result: [String: UnitUsage] = [:]
    for (path, rate) in whole {
      var own = rate.without(below[path] ?? UnitUsage())
      if let gone = ended[path], gone.count == 1, let unit = gone[0].unit,
        let accounted = gone[0].readings.last?.usage
      {
        result[unit, default: UnitUsage()] += own.take(accountedIn: accounted)
      }
      guard let unit = groups[path]?.unit else { continue }
      result[unit, default: UnitUsage()] += own
    }
    return result
  }

  /// The growth of each unit's memory between two passes, without the units below it.
  private func memory(from old: Pass, to new: Pass) -> [String: Double] {
    var result: [String: Double] = [:]
    for group in groups.values {
      guard let now = group.reading(in: new)?.usage.memory else { continue }
      // A new unit has gained all its memory since then.
      let before = group.reading(in: old).map(\.usage.memory) ?? 0
      guard let more = before.map({ now - $0 }) else { continue }
      if let unit = group.unit { result[unit, default: 0] += more }
      if let above = groups[group.parent]?.unit { result[above, default: 0] -= more }
    }
    return result
  }
}
