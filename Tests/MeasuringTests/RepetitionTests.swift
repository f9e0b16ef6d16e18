import Measuring
import Testing

@Suite struct RepetitionTests {
  @Test func `repetitions take about the requested time and are reported one by one`() {
    let spin = Repetition("spin") { count in
      let watch = Stopwatch()
      while watch.nanoseconds < Double(count) * 10_000 {}
    }
    let times = Repetition.interleaved([spin, spin], rounds: 3, milliseconds: 1)
    #expect(times.map(\.count) == [3, 3])
    // Never less than the body takes; more only if the machine is busy.
    #expect(times.joined().allSatisfy { $0 >= 9_900 })
    #expect(times.joined().min() ?? 0 < 1_000_000)
  }
}
