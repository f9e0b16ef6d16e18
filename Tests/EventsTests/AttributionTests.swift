import Events
import Testing

@Suite struct AttributionTests {
  @Test(arguments: [
    (
      Attribution(unit: "apt-daily.service", cpu: 0.9, of: 2, readRate: 210e6),
      "apt-daily.service: 0.9 of 2 processors, 210 MB/s read"
    ),
    (
      Attribution(unit: "backup.service", writeRate: 1.5e6, memory: 3e9),
      "backup.service: 1.5 MB/s written, memory grew by 3.0 GB"
    ),
    (Attribution(unit: "user.slice"), "user.slice"),
  ])
  func `an attribution names the unit and what it used`(_ attribution: Attribution, text: String) {
    #expect(attribution.sentence == text)
  }
}
