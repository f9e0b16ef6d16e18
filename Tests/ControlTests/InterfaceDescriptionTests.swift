import Control
import ControlSupport
import Testing

@Suite struct InterfaceDescriptionTests {
  let folder = Folder()
  let loop = PollLoop()

  /// The replies of the server to some calls.
  func replies(_ calls: [String]) throws -> [JSONValue] {
    let server = try ControlServer(
      path: folder.socket,
      identity: ServiceIdentity(vendor: "v", product: "p", version: "1", url: "u"), poller: loop)
    defer { server.close() }
    let client = RawClient(folder.socket)
    for call in calls { client.call(call) }
    let handler = SampleHandler()
    handler.source.push([SampleSource.reply(1)], ends: true)
    loop.settle(server, handler)
    return try client.replies().map { try JSONValue(parsing: $0) }
  }

  @Test func `agrees with every message of the daemon, and describes nothing that is not sent`()
    throws
  {
    var description = try Description(try #require(InterfaceDescription.text(of: "io.anomalyd")))
    let calls = [
      ("Status", "{}"), ("ListMetrics", "{}"), ("ShowMetric", #"{"name":"m2"}"#),
      ("ShowMetric", #"{"name":"m0"}"#), ("ShowMetric", #"{"name":"m4"}"#),
      ("Tap", "{}"), ("TestOutput", #"{"name":"events"}"#), ("TestOutput", #"{"name":"full"}"#),
      ("ListSilences", "{}"), ("RemoveSilence", #"{"id":"7"}"#),
      (
        "AddSilence",
        #"{"metrics":["disk.*"],"seconds":60,"suppressesAlarms":true,"suppressesLearning":false,"#
          + #""reason":"backup"}"#
      ),
      ("ListEvents", #"{"pattern":"m0"}"#), ("ListEvents", #"{"pattern":"m1"}"#),
      ("FollowEvents", #"{"pattern":"m0"}"#), ("ShowEvent", #"{"id":"0001"}"#),
      ("ListIncidents", #"{"limit":3}"#), ("ShowIncident", #"{"id":"89ac"}"#),
      ("SetFeedback", #"{"id":"0001","judgement":"falseAlarm"}"#),
      ("CloseEvent", #"{"id":"0001","reason":"known"}"#), ("ListModels", "{}"),
      ("FreezeModels", #"{"metrics":["m*"]}"#), ("UnfreezeModels", #"{"metrics":["m1"]}"#),
      ("ResetModels", #"{"metrics":["m1"]}"#), ("ListSnapshots", "{}"),
      ("ExportModel", #"{"name":"m1"}"#), ("ImportModel", #"{"data":"AAEC"}"#),
      ("SnapshotModels", #"{"metrics":[]}"#), ("DeleteSnapshot", #"{"name":"before-upgrade"}"#),
      ("RollBackModels", #"{"metrics":["m1"],"snapshot":"before-upgrade"}"#),
      (
        "UnlearnModels",
        #"{"metrics":[],"before":"2026-11-20T12:00:00.000Z","until":"2026-11-20T13:00:00.000Z"}"#
      ),
    ]
    let replies = try replies(
      calls.map { #"{"method":"io.anomalyd.\#($0.0)","parameters":\#($0.1),"more":true}"# })
    #expect(replies.count == calls.count)
    for ((method, _), reply) in zip(calls, replies) {
      let form = try #require(description.methods[method]).reply
      #expect(description.faults(reply["parameters"], form, method) == [])
    }
    let described = description.described(calls.map(\.0))
    #expect(described.subtracting(description.seen) == [])
  }

  @Test func `agrees with the messages of the service interface`() throws {
    var description = try Description(
      try #require(InterfaceDescription.text(of: "org.varlink.service")))
    let replies = try replies([
      #"{"method":"org.varlink.service.GetInfo"}"#,
      #"{"method":"org.varlink.service.GetInterfaceDescription","#
        + #""parameters":{"interface":"io.anomalyd"}}"#,
    ])
    for (method, reply) in zip(["GetInfo", "GetInterfaceDescription"], replies) {
      let form = try #require(description.methods[method]).reply
      #expect(description.faults(reply["parameters"], form, method) == [])
    }
    let text = InterfaceDescription.text(of: "io.anomalyd") ?? ""
    #expect(replies.last?["parameters"]?["description"] == .string(text))
  }

  @Test func `agrees with the errors`() throws {
    let calls = [
      #"{"method":"io.anomalyd.ShowMetric","parameters":{"name":"nope"}}"#,
      #"{"method":"io.anomalyd.ShowMetric","parameters":{"name":null}}"#,
      #"{"method":"io.anomalyd.TestOutput","parameters":{"name":"x"}}"#,
      #"{"method":"io.anomalyd.RemoveSilence","parameters":{"id":"8"}}"#,
      #"{"method":"io.anomalyd.AddSilence","parameters":{"metrics":[],"seconds":0,"#
        + #""suppressesAlarms":true,"suppressesLearning":false,"reason":""}}"#,
      #"{"method":"io.anomalyd.ShowEvent","parameters":{"id":"ffff"}}"#,
      #"{"method":"io.anomalyd.ShowEvent","parameters":{"id":"019a"}}"#,
      #"{"method":"io.anomalyd.DeleteSnapshot","parameters":{"name":"x"}}"#,
      #"{"method":"io.anomalyd.SnapshotModels","more":true,"parameters":{"metrics":[],"#
        + #""name":"before-upgrade"}}"#,
      #"{"method":"io.anomalyd.Nope"}"#, #"{"method":"a.b.C"}"#,
    ]
    let replies = try replies(calls)
    #expect(replies.count == calls.count)
    for reply in replies {
      guard case .string(let name) = reply["error"], let dot = name.lastIndex(of: ".") else {
        Issue.record("expected an error, found \(reply)")
        continue
      }
      var description = try Description(
        try #require(InterfaceDescription.text(of: String(name[..<dot]))))
      let form = try #require(description.errors[String(name[name.index(after: dot)...])])
      #expect(description.faults(reply["parameters"], form, name) == [])
    }
  }

  @Test func `keeps lines short enough for a terminal`() {
    for (_, text) in InterfaceDescription.all {
      #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
    }
  }
}
