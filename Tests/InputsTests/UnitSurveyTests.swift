import FoundationEssentials
import Inputs
import Testing

/// Who began to use more.
@Suite struct UnitSurveyTests {
  /// A tree of control groups that a test writes, surveyed every 15 seconds.
  private final class Hierarchy {
    /// The clock, and by how much it moves with each look at it.
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

    /// What a group has used since it was created, in seconds and bytes.
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

  @Test func `names those that use more than in the minutes before, and what`() throws {
    let tree = try Hierarchy()
    for second in stride(from: 0, through: 60, by: 15) {
      let isOn = second == 60
      try tree.set("/system.slice/innocent.service", cpu: Double(second) * 0.5, read: second * 1000)
      try tree.set("/system.slice/burner.service", cpu: isOn ? 28.5 : 0)
      try tree.set("/system.slice/writer.service", cpu: 0, written: isOn ? 3_000_000_000 : 0)
      try tree.set("/system.slice/eater.service", cpu: 0, memory: isOn ? 900_000_000 : 1_000_000)
      // The kernel counts what is below in what is above.
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

  @Test func `a unit that has just been started counts with all that it has used`() throws {
    let tree = try Hierarchy()
    for second in stride(from: 0, through: 45, by: 15) {
      try tree.set("/system.slice", cpu: second == 45 ? 9 : 0)
      if second == 45 { try tree.set("/system.slice/apt-daily.service", cpu: 9) }
      tree.pass()
    }
    #expect(tree.changes()["apt-daily.service"]?.cpu == 0.6)
    #expect(tree.changes()["system.slice"]?.cpu == 0)
  }

  @Test func `the last of a unit that has ended is its own, not all that it ever used`() throws {
    let tree = try Hierarchy()
    for second in stride(from: 0, through: 45, by: 15) {
      let hasEnded = second == 45
      try tree.set(
        "/system.slice", cpu: 1000 + (hasEnded ? 3 : 0), written: hasEnded ? 30_000_000 : 0)
      if !hasEnded {
        // Without accounting of I/O: what the slice has written may be another's.
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

  @Test func `of several units that have ended the last is the slice's`() throws {
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

  @Test func `what a slice's units do not account for is its own`() throws {
    let tree = try Hierarchy()
    for second in stride(from: 0, through: 45, by: 15) {
      // No accounting of I/O in the units, as is systemd's default.
      try tree.set("/system.slice", cpu: 0, written: second == 45 ? 1_500_000_000 : 0)
      try tree.set("/system.slice/cron.service", cpu: 0, read: nil)
      tree.pass()
    }
    #expect(tree.changes()["system.slice"]?.writeRate == 1e8)
  }

  @Test func `a pass that takes long does not make more of what is used`() throws {
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

  @Test func `a burst counts at its height, however long ago the incident began`() throws {
    let tree = try Hierarchy()
    var cpu = 0.0
    for second in stride(from: 0, through: 120, by: 15) {
      if second == 75 { cpu += 15 }
      try tree.set("/a.service", cpu: cpu)
      tree.pass()
    }
    #expect(tree.changes(since: 70)["a.service"]?.cpu == 1)
  }

  @Test func `what began half an hour ago is compared with the minutes before that`() throws {
    let tree = try Hierarchy()
    for second in stride(from: 0, through: 2700, by: 15) {
      try tree.set("/a.service", cpu: 1.5 * Double(max(0, second - 900)))
      // What was busy long before is not what is usual.
      try tree.set("/b.service", cpu: Double(min(second, 300) + max(0, second - 900)))
      tree.pass()
    }
    #expect(tree.changes(since: 1800)["a.service"]?.cpu == 1.5)
    #expect(tree.changes(since: 1800)["b.service"]?.cpu == 1)
  }

  @Test func `forgets what began longer ago than it can keep`() throws {
    let tree = try Hierarchy()
    for second in stride(from: 0, through: 7200, by: 15) {
      try tree.set("/a.service", cpu: Double(max(0, second - 4500)))
      tree.pass()
    }
    #expect(tree.changes(since: 2700).isEmpty)
  }

  @Test func `says nothing where the minutes before are not known`() throws {
    let tree = try Hierarchy()
    try tree.set("/a.service", cpu: 0)
    tree.pass()
    try tree.set("/a.service", cpu: 10)
    tree.pass()
    #expect(tree.changes().isEmpty)
    #expect(tree.changes(since: 10_000).isEmpty)
  }

  @Test func `is bounded in groups and made in slices`() throws {
    let tree = try Hierarchy()
    for index in 0..<40 { try tree.set("/system.slice/unit\(index).service", cpu: 1) }
    tree.survey.begin()
    var slices = 1
    while !tree.survey.advance(until: { true }) { slices += 1 }
    // The root, the slice and its units: one a slice.
    #expect(slices == 42)
    #expect(UnitSurvey.maximumGroups == 512)
  }

  @Test func `memory that grew just before the beginning counts`() throws {
    let tree = try Hierarchy()
    for second in stride(from: 0, through: 60, by: 15) {
      for (unit, moment) in [("early", 15), ("late", 45)] {
        try tree.set(
          "/system.slice/\(unit).service", cpu: 0,
          memory: second >= moment ? 400_000_000 : 1_000_000)
      }
      tree.pass()
    }
    // The newest pass before the beginning, 15 seconds ago, has seen all of the growth.
    #expect(tree.changes()["late.service"]?.memory == 399_000_000)
    #expect(tree.changes()["early.service"]?.memory == 0)
  }

  @Test(arguments: ["unified/cgroup.controllers", "systemd/cgroup.procs"])
  func `memory, I/O and, without version 2, processor time come from version 1`(marker: String)
    throws
  {
    let tree = try Hierarchy(controllers: "sys/fs/cgroup/" + marker)
    for second in [0, 15, 30] {
      let isOn = second == 30
      let processorTime = isOn ? 15.0 : 0
      if marker.hasPrefix("unified") {
        try tree.set("/unified/a.service", cpu: processorTime, read: nil, memory: nil)
      } else {
        try tree.host.write("sys/fs/cgroup/systemd/a.service/cgroup.procs", "17\n")
        try tree.host.write(
          "sys/fs/cgroup/cpuacct/a.service/cpuacct.usage", "\(Int(processorTime * 1e9))\n")
      }
      try tree.host.write(
        "sys/fs/cgroup/memory/a.service/memory.usage_in_bytes", isOn ? "90000000\n" : "1000000\n")
      let (read, written) = isOn ? (30_000_000, 60_000_000) : (0, 0)
      try tree.host.write(
        "sys/fs/cgroup/blkio/a.service/blkio.throttle.io_service_bytes_recursive",
        """
        8:0 Read \(read / 2)
        8:0 Write \(written)
        8:0 Sync 5
        8:0 Total 6
        8:16 Read \(read / 2)
        Total \(read + written)

        """)
      tree.pass()
    }
    let change = try #require(tree.changes()["a.service"])
    #expect(abs(change.cpu - 1) < 1e-9)
    #expect(change.readRate == 2e6 && change.writeRate == 4e6 && change.memory == 89_000_000)
  }

  @Test func `older kernels count the I/O of a group without those below it`() throws {
    let tree = try Hierarchy(controllers: "sys/fs/cgroup/unified/cgroup.controllers")
    for second in [0, 15, 30] {
      try tree.set("/unified/a.service", cpu: 0, read: nil, memory: nil)
      try tree.host.write(
        "sys/fs/cgroup/blkio/a.service/blkio.throttle.io_service_bytes",
        "8:0 Read \(second == 30 ? 30_000_000 : 0)\n")
      tree.pass()
    }
    #expect(tree.changes()["a.service"]?.readRate == 2e6)
  }

  @Test func `without control groups there is nothing`() throws {
    let tree = try Hierarchy(controllers: "sys/fs/cgroup/unrelated")
    #expect(!tree.survey.isPossible)
    tree.pass()
    #expect(tree.survey.newest == nil && tree.changes().isEmpty)
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

  @Test func `only who accounts for a good part is named`() {
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
