import FoundationEssentials
import Inputs
import Series
import Testing

@Suite struct ProcfsSensorsTests {
  @Test func `measures thermal zones by their types`() throws {
    let host = try FakeHost("linux-5.15")
    #expect(
      host.poll(host.input(["thermal"])) == [
        "thermal.acpitz.celsius": 27.8, "thermal.acpitz_2.celsius": -1.5,
        "thermal.x86_pkg_temp.celsius": 61,
      ]
    )
  }

  @Test func `drops a zone silently, and finds a new one within a minute`() throws {
    let host = try FakeHost("linux-5.15")
    let input = host.input(["thermal"])
    host.poll(input)
    try host.write("sys/class/thermal/thermal_zone0/temp", "")
    #expect(host.poll(input).count == 2)
    try host.remove("sys/class/thermal/thermal_zone0")
    try host.write("sys/class/thermal/thermal_zone3/type", "iwlwifi_1\n")
    try host.write("sys/class/thermal/thermal_zone3/temp", "45000\n")
    let late = host.poll(input, after: 60)
    #expect(
      Set(late.keys) == [
        "thermal.acpitz_2.celsius", "thermal.x86_pkg_temp.celsius", "thermal.iwlwifi_1.celsius",
      ]
    )
    #expect(input.health.malformed == 0)
    #expect(input.drainNotices().isEmpty)
  }

  @Test(arguments: ["", "N/A\n", "12.5\n", "99999999999999999999\n", "\u{0}\n"])
  func `reads no temperature from garbage`(text: String) throws {
    let host = try FakeHost("linux-5.15")
    let input = host.input(["thermal"])
    try host.write("sys/class/thermal/thermal_zone2/temp", text)
    #expect(host.poll(input).count == 2)
    #expect(input.health.malformed == (text.isEmpty ? 0 : 1))
  }

  @Test func `keeps the zones it has when there are too many`() throws {
    let host = try FakeHost(nil)
    func add(_ number: Int) throws {
      try host.write("sys/class/thermal/thermal_zone\(number)/type", "zone\(number)\n")
      try host.write("sys/class/thermal/thermal_zone\(number)/temp", "20000\n")
    }
    try add(5)
    try add(7)
    let input = host.input(["thermal"]) { $0.maximumDevices = 2 }
    let before = Set(host.poll(input).keys)
    try add(1)
    #expect(Set(host.poll(input, after: 60).keys) == before)
    #expect(input.drainNotices().filter { $0.text.contains("zone1") }.count == 1)
  }

  @Test func `measures sensors in their units, named by chip and label`() throws {
    let host = try FakeHost("linux-5.15")
    let values = host.poll(host.input(["sensors"]))
    expectNear(values, "sensors.coretemp.0.Package_id_0.celsius", 61)
    expectNear(values, "sensors.coretemp.0.Core_0.celsius", 58)
    expectNear(values, "sensors.nvme0.Composite.celsius", 41.85)
    expectNear(values, "sensors.nct6775.656.in0.volts", 1.024)
    expectNear(values, "sensors.nct6775.656.fan2.rpm", 1142)
    expectNear(values, "sensors.nct6775.656.temp1.celsius", 38.5)
    expectNear(values, "sensors.nct6775.656.curr1.amperes", 2.5)
    expectNear(values, "sensors.nct6775.656.power1.watts", 65)
    expectNear(values, "sensors.nct6775.656.humidity1.humidity_percent", 45.5)
    #expect(values.count == 9)
  }

  @Test func `finds the sensors of old drivers in the device`() throws {
    let host = try FakeHost("linux-3.10")
    #expect(host.poll(host.input(["sensors"])) == ["sensors.coretemp.Core_0.celsius": 41])
  }

  @Test func `selects sensors by patterns, up to the limit`() throws {
    let host = try FakeHost("linux-5.15")
    let chosen = host.input(["sensors"]) {
      $0.sensors = NameFilter(include: ["nct*", "nvme0.*"], exclude: ["*.in*", "*.temp?"])
    }
    #expect(host.poll(chosen).count == 5)
    let few = host.input(["sensors"]) { $0.maximumDevices = 2 }
    #expect(host.poll(few).count == 2)
    host.poll(few, after: 60)
    #expect(few.drainNotices().map(\.severity) == [.warning])
  }

  @Test func `drops a sensor that is slow three times in a row, and reports it`() throws {
    let host = try FakeHost("linux-5.15")
    let input = host.input(["thermal", "sensors"]) { $0.sensors = NameFilter(include: ["nvme*"]) }
    for slow in [true, true, false, true, true, false] {
      host.readTime = .milliseconds(slow ? 30 : 1)
      #expect(host.poll(input).count == 4)
    }
    #expect(input.drainNotices().isEmpty)
    host.readTime = .milliseconds(30)
    for _ in 0..<3 { host.poll(input) }
    host.readTime = .zero
    #expect(host.poll(input).isEmpty)
    let notices = input.drainNotices()
    #expect(notices.count == 4)
    #expect(
      notices.first?.text.contains("thermal_zone0/temp: expected a value within 20 ms") == true)
  }

  @Test(arguments: [
    ("temp1_input", "temp1"), ("fan12_input", "fan12"), ("in0_input", "in0"),
    ("power1_average", "power1"), ("temp1_average", nil), ("temp_input", nil), ("temp1", nil),
    ("temp1_max", nil), ("intrusion0_alarm", nil), ("tempx_input", nil), ("_input", nil),
    ("temp1_input_old", nil),
  ])
  func `distinguishes sensor values from other files`(name: String, stem: String?) {
    #expect(SensorFile(name)?.stem == stem)
  }
}

@Suite struct ProcfsUnitsTests {
  private let nginx = "sys/fs/cgroup/system.slice/nginx.service/"

  private func input(_ host: FakeHost, _ units: [String]) -> ProcfsInput {
    host.input(["units"]) { $0.units = units }
  }

  @Test func `monitors no unit by default`() throws {
    let host = try FakeHost("linux-5.15")
    #expect(host.poll(input(host, [])).isEmpty)
  }

  @Test func `measures a unit`() throws {
    let host = try FakeHost("linux-5.15")
    let input = input(host, ["nginx.service"])
    #expect(
      host.poll(input) == [
        "unit.nginx.service.memory_bytes": 81_903_616, "unit.nginx.service.swap_bytes": 4096,
        "unit.nginx.service.tasks": 5,
      ]
    )
    try host.write(nginx + "cpu.stat", "usage_usec 93734567\nthrottled_usec 1000000\n")
    try host.write(
      nginx + "io.stat",
      "8:0 rbytes=8202000 wbytes=14096 rios=550 wios=11\n9:0 rbytes=4096 wbytes=0 rios=1 wios=0\n")
    let values = host.poll(input)
    expectNear(values, "unit.nginx.service.processors", 2.5)
    expectNear(values, "unit.nginx.service.throttled", 0.2)
    expectNear(values, "unit.nginx.service.read_bytes_per_second", 2000)
    expectNear(values, "unit.nginx.service.write_bytes_per_second", 2000)
    expectNear(values, "unit.nginx.service.reads_per_second", 10)
    expectNear(values, "unit.nginx.service.writes_per_second", 2)
    #expect(values.count == 9)
    #expect(input.health.malformed == 0)
  }

  @Test func `finds units at every level, by patterns`() throws {
    let host = try FakeHost("linux-5.15")
    let input = input(host, ["session-*.scope", "*.service"])
    host.poll(input)
    #expect(
      names(host.poll(input), "", ".processors") == [
        "unit.nginx.service.processors", "unit.cron.service.processors",
        "unit.session-1.scope.processors",
      ]
    )
  }

  @Test func `follows a unit that is stopped, and started again`() throws {
    let host = try FakeHost("linux-5.15")
    let input = input(host, ["nginx.service"])
    host.poll(input)
    host.poll(input)
    try host.remove("sys/fs/cgroup/system.slice/nginx.service")
    // Unlike that of a file, a descriptor of a removed control group cannot be read.
    #expect(host.poll(input, after: 60).isEmpty)
    try host.write(nginx + "cpu.stat", "usage_usec 500\n")
    #expect(host.poll(input, after: 60).isEmpty)
    try host.write(nginx + "cpu.stat", "usage_usec 500500\n")
    expectNear(host.poll(input), "unit.nginx.service.processors", 0.1)
    #expect(input.drainNotices().isEmpty)
    #expect(input.health.malformed == 0)
    #expect(input.health.gaps == 0)
  }

  @Test func `reports once that there is no cgroup v2`() throws {
    let host = try FakeHost("linux-4.19")
    // As in version 1.
    try host.write("sys/fs/cgroup/pids/system.slice/nginx.service/pids.current", "3\n")
    let input = input(host, ["nginx.service"])
    for _ in 0..<20 { #expect(host.poll(input).isEmpty) }
    let notices = input.drainNotices()
    #expect(notices.map(\.severity) == [.info])
    #expect(notices.first?.text.contains("cgroup v2") == true)
  }

  @Test(arguments: ["8:0 rbytes=x\n", "rbytes=1\n", "8:0 rbytes\n", "8:0 rbytes=1"])
  func `reports malformed I/O`(text: String) {
    let (_, complaints) = parsed(text, GroupIO())
    #expect(complaints.count == 1)
  }
}
