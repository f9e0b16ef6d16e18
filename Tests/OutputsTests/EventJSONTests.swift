import Detection
import Events
import FoundationEssentials
import Outputs
import Series
import Testing

@Suite struct EventJSONTests {
  @Test func `writes every key of an open event on one line`() throws {
    let line = try EventJSON(.opened(event())).line()
    #expect(
      line == #"""
        {"began":"2023-11-14T22:13:10.000Z","closed":null,"columns":null,"direction":"high","duration_seconds":10,"expected":12.5,"explanation":"cpu.busy jumped to 97.13 where 12.5 was expected (8 to 17), since 22:13 UTC","id":"\#(event().id)","incident":null,"kind":"event","lower":8,"metric":"cpu.busy","opened":"2023-11-14T22:13:20.000Z","peak_at":"2023-11-14T22:13:25.000Z","peak_score":5.5,"peak_value":99.5,"reason":"jump","recurrence":null,"samples":[[1699999999.5,null],[1700000000,97.125]],"score":4.25,"severity":"warning","state":"opened","symbols":null,"update":null,"updated":null,"upper":17,"value":97.125}
        """#
    )
  }

  @Test func `names the columns of a trained model`() throws {
    var event = event(cause: .evidence(.row))
    event.columns = [
      ColumnFact(metric: "shop.payments", value: 12, usual: 30.5, share: 0.75),
      ColumnFact(metric: "shop.orders", value: .nan, usual: .nan, share: 0.25),
    ]
    let line = try EventJSON(.opened(event)).line()
    #expect(
      line.contains(
        #""columns":[{"metric":"shop.payments","share":0.75,"usual":30.5,"value":12},"#
          + #"{"metric":"shop.orders","share":0.25,"usual":null,"value":null}]"#))
    #expect(
      line.contains(
        "sees what it does not expect: shop.payments 12 where 30.5 is usual, shop.orders is missing"
      ))
    #expect(line.contains(#""reason":"row""#))
  }

  @Test func `describes the id and the expected ones in an event stream`() throws {
    var event = event(cause: .evidence(.symbol))
    event.symbols = SymbolFacts(
      id: "17", previous: "3", probability: 0.002,
      expected: [.init(id: "4", probability: 0.75), .init(id: "9", probability: 0.2)],
      interval: 0.34, usualInterval: nil)
    let line = try EventJSON(.opened(event)).line()
    #expect(
      line.contains(
        #""symbols":{"expected":[{"id":"4","probability":0.75},{"id":"9","probability":0.2}],"#
          + #""id":"17","interval_seconds":0.34,"previous":"3","probability":0.002,"#
          + #""usual_interval_seconds":null}"#))
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
        == "cpu.busy is normal again after 5min 30s, peak 99.5; it jumped to 97.13 "
        + "where 12.5 was expected"
    )
  }

  @Test func `describes an update with its time and its reason`() throws {
    var event = event()
    event.updated = event.opened.advanced(by: .seconds(3600))
    event.update = .ongoing
    let line = try EventJSON(.updated(event)).line()
    let decoded = try JSONDecoder().decode(Line.self, from: Data(line.utf8))
    #expect(decoded.state == "updated")
    #expect(decoded.update == "ongoing")
    #expect(decoded.updated == "2023-11-14T23:13:20.000Z")
    #expect(decoded.duration_seconds == 3610)
    #expect(decoded.closed == nil)
  }

  @Test func `lists the events of an incident in their order`() throws {
    var event = event()
    let first = IncidentMembership.Reference(
      id: event.id, metric: MetricName(sanitizing: "a"), began: event.began)
    let second = IncidentMembership.Reference(id: event.id, metric: cpu, began: event.opened)
    event.incident = IncidentMembership(
      id: event.id, position: 2, size: 40, open: 3, events: [first, second])
    let line = try EventJSON(.opened(event)).line()
    let id = event.id
    #expect(
      line.contains(
        #""incident":{"events":[{"began":"2023-11-14T22:13:10.000Z","id":"\#(id)","metric":"a"},"#
          + #"{"began":"2023-11-14T22:13:20.000Z","id":"\#(id)","metric":"cpu.busy"}],"#
          + #""id":"\#(id)","open":3,"position":2,"size":40}"#))
    let fields = JournalRecord(.opened(event)).fields
    #expect(fields.contains("ANOMALYD_INCIDENT_ID=\(id)"))
    #expect(fields.contains("ANOMALYD_INCIDENT_POSITION=2"))
    #expect(fields.contains("ANOMALYD_INCIDENT_SIZE=40"))
  }
}
