import Detection
import Events
import Glibc
import Series
import Testing

@Suite struct HostBudgetTests {
  private static let second: Int64 = 1_000_000_000

  /// A host of `metrics` whose scores have a tail `heaviness` times heavier than claimed, without
  /// any anomaly.
  private struct MadeHost {
    var budget: HostBudget
    var shares: [BudgetShare]
    var heaviness: [Double]
    var spent: [Int]
    private var random = SplitMix(state: 7)

    init(metrics: Int, alarmsPerDay: Double, heaviness: (Int) -> Double) {
      budget = HostBudget(alarmsPerDay: alarmsPerDay)
      shares = Array(repeating: BudgetShare(), count: metrics)
      self.heaviness = (0..<metrics).map(heaviness)
      spent = Array(repeating: 0, count: metrics)
    }

    /// One sample a minute of each metric.
    mutating func run(days: Int) {
      for _ in 0..<(days * 1440) {
        for index in shares.indices {
          let threshold =
            log10(HostBudget.fewestSamplesPerAlarm) + budget.budgetOffset(shares[index])
          budget.earn(&shares[index], interval: 60 * HostBudgetTests.second)
          let score = -log10(random.uniform()) * heaviness[index]
          guard score >= threshold else { continue }
          spent[index] += 1
          budget.spend(&shares[index], beginsIncident: true)
        }
      }
    }

    var total: Int { spent.reduce(0, +) }
  }

  @Test func `the samples of a day are divided by its alarms`() {
    var budget = HostBudget(alarmsPerDay: 2)
    var shares = Array(repeating: BudgetShare(), count: 100)
    #expect(budget.samplesPerAlarm == 5000)
    for index in shares.indices {
      budget.earn(&shares[index], interval: 5 * HostBudgetTests.second)
    }
    #expect(abs(budget.samplesPerAlarm - 100 * 17_280 / 2) < 1)
    #expect(abs(budget.budgetOffset(shares[0]) - log10(864_000 / 5000)) < 1e-9)
    for share in shares.dropFirst() { budget.release(share) }
    #expect(abs(budget.samplesPerAlarm - 17_280 / 2) < 1)
  }

  @Test func `a budget too large to use up is no licence to alarm`() {
    var budget = HostBudget(alarmsPerDay: 1000)
    var share = BudgetShare()
    budget.earn(&share, interval: 300 * HostBudgetTests.second)
    #expect(budget.samplesPerAlarm == 5000)
    #expect(budget.budgetOffset(share) == 0)
  }

  @Test(arguments: [(0.5, 1.0), (2, 1), (10, 1), (2, 1.5), (2, 2), (10, 2)])
  func `what is spent stays within twice the budget, however wrong scores are`(
    alarmsPerDay: Double, heaviness: Double
  ) {
    var host = MadeHost(metrics: 30, alarmsPerDay: alarmsPerDay) { _ in heaviness }
    host.run(days: 10)
    let learning = host.total
    host.run(days: 50)
    let perDay = Double(host.total - learning) / 50
    #expect(perDay <= 2 * alarmsPerDay)
    #expect(perDay >= alarmsPerDay / 3)
  }

  @Test func `a noisy metric quietens itself and does not affect the others`() {
    var host = MadeHost(metrics: 30, alarmsPerDay: 2) { $0 == 0 ? 3 : 1 }
    host.run(days: 60)
    #expect(host.spent[0] <= 2 * 60)
    #expect(host.shares[0].overdraft >= 3)
    let calm = (1..<30).filter { host.shares[$0].overdraft < 2 }
    #expect(calm.count >= 27)
  }

  @Test func `an alarm is paid back in the time that the budget allows for it`() {
    var budget = HostBudget(alarmsPerDay: 2)
    var shares = [BudgetShare(), BudgetShare()]
    func day(_ samples: Int) {
      for _ in 0..<samples {
        for index in shares.indices {
          budget.earn(&shares[index], interval: HostBudgetTests.second)
        }
      }
    }
    day(2)
    let calm = budget.budgetOffset(shares[0])
    budget.spend(&shares[0], beginsIncident: true)
    #expect(abs(budget.budgetOffset(shares[0]) - calm - 0.3 - 0.22) < 1e-3)
    #expect(abs(budget.budgetOffset(shares[1]) - calm - 0.3) < 1e-3)
    day(21_600)
    #expect(abs(budget.overdraft - 0.5) < 0.01)
    #expect(abs(shares[0].overdraft - 0.5) < 0.01)
    day(21_700)
    #expect(budget.overdraft == 0)
    #expect(budget.budgetOffset(shares[0]) == calm)
  }

  @Test func `further alarms of one incident cost their metric but not the host`() {
    var budget = HostBudget(alarmsPerDay: 2)
    var share = BudgetShare()
    budget.spend(&share, beginsIncident: false)
    #expect(budget.overdraft == 0)
    #expect(share.overdraft == 1)
  }

  @Test func `no storm raises thresholds without limit`() {
    var budget = HostBudget(alarmsPerDay: 0.1)
    var share = BudgetShare()
    for _ in 0..<1000 { budget.spend(&share, beginsIncident: true) }
    #expect(budget.budgetOffset(share) < 14)
  }

  @Test func `a stored share is the same share, and other bytes are refused`() throws {
    var budget = HostBudget(alarmsPerDay: 2)
    var share = BudgetShare()
    budget.earn(&share, interval: HostBudgetTests.second)
    budget.spend(&share, beginsIncident: true)
    var writer = ByteWriter()
    share.encode(to: &writer)
    var reader = ByteReader(writer.bytes)
    let stored = try BudgetShare(from: &reader)
    #expect(stored == share)
    var restored = HostBudget(alarmsPerDay: 2)
    restored.admit(stored)
    restored.resume(overdraft: budget.overdraft)
    #expect(restored == budget)
    for bad in [(-1.0, 1.0), (21, 1), (.nan, 1), (1, -1), (1, .infinity)] {
      var writer = ByteWriter()
      writer.write(bad.0)
      writer.write(bad.1)
      var reader = ByteReader(writer.bytes)
      #expect(throws: ByteReaderError.self) { try BudgetShare(from: &reader) }
    }
  }
}

/// Steele, Lea and Flood's generator.
private struct SplitMix {
  var state: UInt64

  /// In (0, 1].
  mutating func uniform() -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Double((z ^ (z >> 31)) >> 11 &+ 1) / 9_007_199_254_740_992
  }
}
