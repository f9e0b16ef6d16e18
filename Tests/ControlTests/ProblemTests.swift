import Control
import ControlSupport
import Series
import Testing

@Suite struct ProblemTests {
  /// A daemon in which everything is broken that a status can show.
  private var broken: StatusReply {
    var status = SampleHandler().status()
    status.inputs[0].lagBytes = 2 << 20
    status.inputs[0].dropped = 4
    status.outputs[0].dropped = 2
    status.metrics.refused = 3
    status.budget?.overdraft = 9
    status.control.turnedAway = 1
    status.models?[0].columns[1].isMissing = true
    status.problems = nil
    return status
  }

  @Test func `every kind that a status can show is found, with a remedy`() {
    let problems = broken.currentProblems
    let found = Set(problems.map(\.kind))
    // The delay of the daemon itself is not visible in a status.
    #expect(found == Set(Problem.Kind.allCases).subtracting([.delay]))
    #expect(problems.allSatisfy { !$0.remedy.isEmpty && !$0.sentence.isEmpty })
    #expect(Set(problems.map(\.key)).count == problems.count, "each is to be told from the others")
  }

  @Test func `problems that the daemon lists are not derived again`() {
    var status = broken
    status.problems = []
    #expect(status.currentProblems.isEmpty)
  }

  @Test(
    arguments: [
      (.ok, nil), (.degraded, "partly failing: gone"), (.failing, "gone"),
      (
        .silent, "has delivered nothing for longer than 5min (StallAfter=); last error: gone"
      ),
    ] as [(InputState, String?)])
  func `an input's fault is a sentence without elapsed times`(state: InputState, fault: String?) {
    let input = InputStatus(
      name: "a", type: "csv", source: "/a", state: state, samples: 0, malformed: 0, gaps: 0,
      refused: 0, lastError: "gone", lastErrorAt: nil, lastSampleAt: nil, lastSampleAge: nil,
      deliveredAt: nil, stallAfter: 300, lagBytes: nil)
    #expect(input.fault == fault)
  }
}
