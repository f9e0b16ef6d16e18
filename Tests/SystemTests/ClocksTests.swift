import Series
import System
import Testing

@Suite struct ClocksTests {
  @Test func `the age of a moment does not depend on changes of the clock`() {
    let began = MonotonicTime(nanoseconds: 1_000_000_000_000)
    let later = began.advanced(by: .seconds(60))
    let moment = ObservedMoment(Timestamp(seconds: 1_700_000_000), began)
    // Without a step: the time as recorded, whatever the clocks differ by.
    #expect(moment.timestamp(asOf: Timestamp(seconds: 1_700_000_061), later) == moment.timestamp)
    for jump in [5.0 * 365 * 86_400, -3_600.0] {
      let now = Timestamp(seconds: 1_700_000_060 + jump)
      #expect(now.elapsed(since: moment.timestamp(asOf: now, later)) == .seconds(60))
    }
  }

  @Test func `the time between any two moments can be computed`() {
    let (first, last) = (Timestamp(nanoseconds: .min), Timestamp(nanoseconds: .max))
    #expect(last.elapsed(since: first) == .nanoseconds(Int64.max))
    #expect(first.elapsed(since: last) == .nanoseconds(Int64.min))
    #expect(last.nanoseconds(since: Timestamp(nanoseconds: .max - 5)) == 5)
  }
}
