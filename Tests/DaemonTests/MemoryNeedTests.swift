import Config
import Daemon
import Testing

@Suite struct MemoryNeedTests {
  private func need(metrics: Int = 2_000, history: Int = 256) -> MemoryNeed {
    var settings = Settings(.all)
    settings.agent.maximumMetrics = metrics
    settings.agent.historySamples = history
    return MemoryNeed(settings)
  }

  private let limits = [
    MemoryNeed.Limit(bytes: 8 << 30, name: "the host's memory"),
    MemoryNeed.Limit(bytes: 512 << 20, name: "MemoryMax= of anomalyd.service"),
  ]

  @Test func `the defaults fit`() {
    #expect(need().bytes < 100 << 20)
    #expect(need().summary(limits).hasPrefix("memory: up to "))
  }

  @Test func `long histories of many metrics are a warning`() {
    let need = need(metrics: 100_000, history: 100_000)
    #expect(need.bytes > 80_000_000_000)
    let text = need.summary(limits)
    #expect(text.hasPrefix("warning: memory: up to 8"))
    #expect(text.contains("HistorySamples="))
    #expect(text.hasSuffix("but MemoryMax= of anomalyd.service is 537 MB"))
  }

  @Test func `the host's memory is known`() {
    #expect(MemoryNeed.limitsOfHost().first?.bytes ?? 0 > 64 << 20)
  }
}
