import Daemon
import Testing

@Suite struct CheckpointScheduleTests {
  @Test(
    arguments: [
      (1_000, .seconds(600)),
      (1_000_000, .seconds(600)),
      (6_000_000, .seconds(3600)),
      (60_000_000, .seconds(36_000)),
    ] as [(Int, Duration)]
  )
  func `checkpoints are as far apart as the bytes per hour require`(bytes: Int, pause: Duration) {
    let schedule = CheckpointSchedule(interval: .seconds(600), bytesPerHour: 6_000_000)
    #expect(schedule.pause(afterBytes: bytes) == pause)
  }

  @Test func `without an interval there are none before the end`() {
    #expect(CheckpointSchedule(interval: nil, bytesPerHour: 1).pause(afterBytes: 5) == nil)
  }
}
