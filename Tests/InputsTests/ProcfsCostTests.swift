import AllocationCounter
import FoundationEssentials
import Inputs
import Series
import Support
import Testing

/// A sink that discards everything and accepts every metric.
private final class OpenSink: SampleSink {
  var count = 0
  private var known = 0

  func metric(named name: MetricName) -> MetricID? {
    known += 1
    return MetricID(index: known - 1)
  }

  func receive(_ sample: Sample, of metric: MetricID) { count += 1 }
}

@Suite struct ProcfsCostTests {
  /// A host with some 1,500 metrics: 128 processors, 40 disks, 20 interfaces, 16 filesystems, 100
  /// sensors.
  private func largeHost() throws -> FakeHost {
    let host = try FakeHost("linux-5.15")
    let times = " 1023401 2345 345678 45678901 1234 0 1234 10 0 0\n"
    let cores = (0..<128).map { "cpu\($0)\(times)" }.joined()
    try host.write("proc/stat", "cpu \(times)\(cores)ctxt 1\n")
    try host.write(
      "proc/diskstats",
      (0..<40).map { "8 \($0) sd\($0)x 1 2 3 4 5 6 7 8 9 10 11 0 0 0 0 0 0\n" }.joined())
    try host.write(
      "proc/net/dev",
      (0..<20).map { "eth\($0): 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n" }.joined())
    try host.write(
      "proc/1/mountinfo",
      (0..<16).map { "\($0 + 2) 1 8:\($0) / /disk\($0) rw - ext4 /dev/sd\($0) rw\n" }.joined())
    // Whole, as Swift Testing captures a backtrace of each error that is thrown, which allocates:
    // a file that is absent or empty would count.
    let cron = "sys/fs/cgroup/system.slice/cron.service/"
    try host.write(cron + "memory.swap.current", "4096\n")
    try host.write(cron + "io.stat", "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n")
    for sensor in 0..<100 {
      try host.write("sys/class/hwmon/hwmon7/temp\(sensor)_input", "\(sensor)000\n")
    }
    return host
  }

  @Test(
    .enabled(if: allocation_counter_is_active(), "a sanitizer counts in its stead"),
    .enabled(if: Needs.optimisation.isMet, "\(Needs.optimisation)"))
  func `allocates nothing for any of 1,500 metrics in a poll`() throws {
    let host = try largeHost()
    let use = FilesystemUse(
      blockBytes: 4096, blocks: 1000, free: 400, available: 300, inodes: 2000, freeInodes: 1500)
    let clock = try #require(host.clock)
    var moment: Duration = .seconds(1000)
    var section = ProcfsSection()
    section.rootPath = host.root.path
    section.collectors = Set(ProcfsSection.allCollectors)
    section.units = ["*.service"]
    let input = ProcfsInput(
      name: "host",
      configuration: section,
      monotonicClock: { moment },
      calls: HostCalls(filesystemUse: { _ in use }, clockState: { clock })
    )
    let sink = OpenSink()
    func poll(_ tick: Int) throws {
      let later = 1_023_401 + tick * 500
      let times = " \(later) 2345 345678 45678901 1234 0 1234 10 0 0\n"
      let cores = (0..<128).map { "cpu\($0)\(times)" }.joined()
      try host.write("proc/stat", "cpu \(times)\(cores)ctxt 1\n")
      moment += .seconds(5)
      sink.count = 0
    }
    var counts: [UInt64] = []
    for tick in 0..<6 {
      try poll(tick)
      let before = allocation_counter_current()
      _ = input.poll(now: Timestamp(nanoseconds: 0), into: sink)
      counts.append(allocation_counter_current() - before)
    }
    #expect((1400...1600).contains(sink.count), "\(sink.count) metrics")
    #expect(counts.suffix(3).allSatisfy { $0 == 0 }, "allocations by poll: \(counts)")
    #expect(input.health.malformed == 0)
  }
}
