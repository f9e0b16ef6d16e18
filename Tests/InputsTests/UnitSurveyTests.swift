import FoundationEssentials
import Inputs
import Testing

/// Who began to use more.
@Suite struct UnitSurveyTests {
  /// A tree of control groups written by a test, surveyed every 15 seconds.
  private final class Hierarchy {
    /// The clock, and how far it advances with each reading.
    final class Clock {
      var now = Duration.seconds(1000)
      var step = Duration.zero

      func read() -> Duration {
        defer { now += step }
        return now
      }
    }

    let host: FakeHost
    let survey: UnitSurvey
    let clock = Clock()
    var now: Duration { clock.now }

    init(controllers: String = "sys/fs/cgroup/cgroup.controllers") throws {
      host = try FakeHost(nil)
      try host.write(controllers, "cpu io memory pids\n")
      survey = UnitSurvey(rootPath: host.root.path, clock: clock.read)
    }

    /// A group's usage since it was created, in seconds and bytes.
    func set(
      _ group: String, cpu: Double, read: Int? = 0, written: Int = 0, memory: Int? = 1_000_000
    ) throws {
      let path = "sys/fs/cgroup\(group)/"
      try host.write(path + "cpu.stat", "usage_usec \(Int(cpu * 1e6))\nuser_usec 0\n")
      if let read {
        try host.write(path + "io.stat", "8:0 rbytes=\(read) wbytes=\(written) rios=1 wios=1\n")
      }
      if let memory { try host.write(path + "memory.current", "\(memory)\n") }
    }

    /// One pass.
    func pass(after seconds: Double = 15) {
      clock.now += .seconds(seconds)
      survey.begin()
      while !survey.advance(until: { true }) {}
    }

    func changes(since seconds: Double = 15) -> [String: UnitChange] {
      Dictionary(
        survey.changes(since: now - .seconds(seconds)).map { ($0.unit, $0) },
        uniquingKeysWith: { first, _ in first })
    }
  }

  @Test func `names units that use more than in the minutes before, and what they use`() throws {
    let tree = try Hierarchy()
    for second in stride(from: 0, through: 60, by: 15) {
      let isOn = second == 60
      try tree.set("/system.slice/innocent.service", cpu: Double(second) * 0.5, read: second * 1000)
      try tree.set("/system.slice/burner.service", cpu: isOn ? 28.5 : 0)
      try tree.set("/system.slice/writer.service", cpu: 0, written: isOn ? 3_000_000_000 : 0)
      try tree.set("/system.slice/eater.service", cpu: 0, memory: isOn ? 900_000_000 : 1_000_000)
      // The kernel includes the usage of subgroups in their parents'.
      try tree.set(
        "/system.slice", cpu: Double(second) * 0.5 + (isOn ? 28.5 : 0),
        read: second * 1000, written: isOn ? 3_000_000_000 : 0,
        memory: isOn ? 903_000_000 : 4_000_000)
      tree.pass()
    }
    let leading = UnitChange.leading(Array(tree.changes().values), maximum: 8)
    #expect(
      Set(leading.map(\.unit)) == ["burner.service", "writer.service", "eater.service"])
    let changes = Dictionary(leading.map { ($0.unit, $0) }, uniquingKeysWith: { first, _ in first })
    #expect(
      changes["burner.service"] == UnitChange(unit: "burner.service", cpu: 1.9))
    #expect(changes["writer.service"]?.writeRate == 2e8)
    #expect(changes["eater.service"]?.memory == 899_000_000)
  }

  @Test func `a unit that has just been started counts with all its usage`() throws {
    let tree = try Hierarchy()
    for second in stride(from: 0, through: 45, by: 15) {
      try tree.set("/system.slice", cpu: second == 45 ? 9 : 0)
      if second == 45 { try tree.set("/system.slice/apt-daily.service", cpu: 9) }
      tree.pass()
    }
    #expect(tree.changes()["apt-daily.service"]?.cpu == 0.6)
    #expect(tree.changes()["system.slice"]?.cpu == 0)
  }

  @Test func `a unit that has ended counts with its latest usage, not its total`() throws {
    let tree = try Hierarchy()
    for second in stride(from: 0, through: 45, by: 15) {
      let hasEnded = second == 45
      try tree.set(
        "/system.slice", cpu: 1000 + (hasEnded ? 3 : 0), written: hasEnded ? 30_000_000 : 0)
      if !hasEnded {
        // Without I/O accounting: the slice's writes may be another unit's.
        try tree.set(
          "/system.slice/job.service", cpu: 1000, read: nil,
          memory: 1_000_000 + second * 100_000_000)
      } else {
        try tree.host.remove("sys/fs/cgroup/system.slice/job.service")
      }
      tree.pass()
    }
    let changes = tree.changes()
    #expect(changes["job.service"]?.cpu == 0.2)
    #expect(changes["job.service"]?.memory == 3_000_000_000)
    #expect(changes["job.service"]?.writeRate == 0)
    #expect(changes["system.slice"]?.cpu == 0)
    #expect(changes["system.slice"]?.writeRate == 2_000_000)
  }

  @Test func `the latest usage of several units that have ended is the slice's`() throws {
    let tree = try Hierarchy()
    for second in stride(from: 0, through: 45, by: 15) {
      try tree.set("/system.slice", cpu: second == 45 ? 3 : 0)
      for unit in ["a", "b"] {
        if second < 45 {
          try tree.set("/system.slice/\(unit).service", cpu: 0)
        } else {
          try tree.host.remove("sys/fs/cgroup/system.slice/\(unit).service")
        }
      }
      tree.pass()
    }
    #expect(tree.changes()["system.slice"]?.cpu == 0.2)
  }

  @Test func `usage that a slice's units do not account for is its own`() throws {
    let tree = try Hierarchy()
    for second in stride(from: 0, through: 45, by: 15) {
      // No I/O accounting in the units, which is systemd's default.
      try tree.set("/system.slice", cpu: 0, written: second == 45 ? 1_500_000_000 : 0)
      try tree.set("/system.slice/cron.service", cpu: 0, read: nil)
      tree.pass()
    }
    #expect(tree.changes()["system.slice"]?.writeRate == 1e8)
  }

  @Test func `a slow pass does not inflate usage`() throws {
    let tree = try Hierarchy()
    try tree.set("/a.service", cpu: 0)
    tree.pass()
    tree.pass()
    // Two processors, read five seconds after the pass has begun.
    try tree.set("/a.service", cpu: 2 * 20)
    tree.clock.step = .seconds(5)
    tree.pass()
    let changes = tree.survey.changes(since: .seconds(1030))
    #expect(changes.first { $0.unit == "a.service" }.map { $0.cpu <= 2 } ?? false)
  }

  @Test func `a burst counts at its peak, however long ago the incident began`() throws {
    let tree = try Hierarchy()
    var cpu = 0.0
    for second in stride(from: 0, through: 120, by: 15) {
      if second == 75 { cpu += 15 }
      try tree.set("/a.service", cpu: cpu)
      tree.pass()
    }
    #expect(tree.changes(since: 70)["a.service"]?.cpu == 1)
  }

  @Test func `an increase half an hour ago is compared with the minutes before it`() throws {
    let tree = try Hierarchy()
    for second in stride(from: 0, through: 2700, by: 15) {
      try tree.set("/a.service", cpu: 1.5 * Double(max(0, second - 900)))
      // Activity long before is not the usual level.
      try tree.set("/b.service", cpu: Double(min(second, 300) + max(0, second - 900)))
      tree.pass()
    }
    #expect(tree.changes(since: 1800)["a.service"]?.cpu == 1.5)
    #expect(tree.changes(since: 1800)["b.service"]?.cpu == 1)
  }

  @Test func `forgets increases older than the passes it keeps`() throws {
    let tree = try Hierarchy()
    for second in stride(from: 0, through: 7200, by: 15) {
      try tree.set("/a.service", cpu: Double(max(0, second - 4500)))
      tree.pass()
    }
    #expect(tree.changes(since: 2700).isEmpty)
  }

  @Test func `names nothing if the minutes before are unknown`() throws {
    let tree = try Hierarchy()
    try tree.set("/a.service", cpu: 0)
    tree.pass()
    try tree.set("/a.service", cpu: 10)
    tree.pass()
    #expect(tree.changes().isEmpty)
    #expect(tree.changes(since: 10_000).isEmpty)
  }

  @Test func `is limited in groups and made in slices`() throws {
    let tree = try Hierarchy()
    for index in 0..<40 { try tree.set("/system.slice/unit\(index).service", cpu: 1) }
    tree.survey.begin()
    var slices = 1
    while !tree.survey.advance(until: { true }) { slices += 1 }
    // The root, the slice and its units: one per slice.
    #expect(slices == 42)
    #expect(UnitSurvey.maximumGroups == 512)
  }

  @Test func `a hybrid hierarchy has processor time only, version 1 nothing`() throws {
    let hybrid = try Hierarchy(controllers: "sys/fs/cgroup/unified/cgroup.controllers")
    for second in [0, 15, 30] {
      try hybrid.set("/unified/a.service", cpu: second == 30 ? 15 : 0, read: nil, memory: nil)
      hybrid.pass()
    }
    #expect(hybrid.changes()["a.service"] == UnitChange(unit: "a.service", cpu: 1))
    let old = try Hierarchy(controllers: "sys/fs/cgroup/cpu/tasks")
    #expect(!old.survey.isPossible)
    old.pass()
    #expect(old.survey.newest == nil && old.changes().isEmpty)
  }

  @Test(arguments: [
    ("", nil), ("/system.slice/cron.service", "cron.service"), ("/system.slice", "system.slice"),
    ("/user.slice/user-1000.slice/session-3.scope", "session-3.scope"),
    ("/user.slice/user-1000.slice/user@1000.service/app.slice/app-x.scope", "app-x.scope"),
    ("/user.slice/user-1000.slice/user@1000.service/init.scope", "user@1000.service"),
    ("/init.scope", "init.scope"), ("/system.slice/x.service/worker", "x.service"),
    (
      "/system.slice/docker-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.scope",
      "docker-0123456789ab.scope"
    ),
    (
      "/docker/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
      "docker/0123456789ab"
    ),
    ("/lxc.payload.web", "lxc.payload.web"),
  ])
  func `names units and containers as people know them`(path: String, name: String?) {
    #expect(UnitName.name(of: path) == name)
  }

  @Test func `only units that account for a significant part are named`() {
    let changes = [
      UnitChange(unit: "much", cpu: 1.5, memory: 10), UnitChange(unit: "some", cpu: 0.4),
      UnitChange(unit: "little", cpu: 0.05, writeRate: 5e6),
    ]
    #expect(
      UnitChange.leading(changes, maximum: 8)
        == [UnitChange(unit: "little", writeRate: 5e6), UnitChange(unit: "much", cpu: 1.5)])
    #expect(UnitChange.leading(changes, maximum: 1).count == 1)
    #expect(UnitChange.leading([UnitChange(unit: "idle", cpu: 0.01)], maximum: 8).isEmpty)
  }
}
