import Detection
import FoundationEssentials
import Outputs
import Testing

@Suite struct EventJSONTests {
  @Test func `writes every key of an open event on one line`() throws {
    let line = try EventJSON(.opened(event())).line()
    #expect(
      line == #"""
        {"closed":null,"expected":12.5,"explanation":"cpu.busy is high: 97.13, expected 12.5 (8 to 17), score 4.3, because the value is far from the forecast","id":"\#(event().id)","lower":8,"metric":"cpu.busy","opened":"2023-11-14T22:13:20.000Z","peak_score":5.5,"reason":"jump","score":4.25,"state":"opened","upper":17,"value":97.125}
        """#
    )
  }

  @Test func `writes a missing band as null`() throws {
    let line = try EventJSON(event(lower: .nan, upper: .infinity, closedAfter: 320)).line()
    let decoded = try JSONDecoder().decode(Line.self, from: Data(line.utf8))
    #expect(decoded.lower == nil)
    #expect(decoded.upper == nil)
    #expect(decoded.state == "closed")
    #expect(decoded.closed == "2023-11-14T22:18:40.000Z")
    #expect(
      decoded.explanation
        == "cpu.busy is normal again after 5min 20s, peak score 5.5; it was high: 97.13, "
        + "expected 12.5"
    )
  }

  @Test(arguments: [(97.0, "high"), (1.0, "low"), (12.0, "unusual"), (17.0, "unusual")])
  func `says on which side of the band a value lies`(value: Double, word: String) {
    #expect(event(value: value).direction == word)
  }
}
