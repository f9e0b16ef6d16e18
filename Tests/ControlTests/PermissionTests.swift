import Control
import ControlSupport
import Testing

@Suite struct PermissionTests {
  let folder = Folder()
  let loop = PollLoop()

  @Test(arguments: [true, false])
  func `only permitted users make changes, everyone may read`(permitted: Bool) throws {
    let peer = PeerCredentials.ofThisProcess
    let server = try ControlServer(
      path: folder.socket,
      identity: ServiceIdentity(vendor: "v", product: "p", version: "1", url: "u"),
      authority: ChangeAuthority(users: permitted ? [peer.uid] : [], group: nil),
      poller: loop)
    defer { server.close() }
    let client = RawClient(folder.socket)
    let parameters = #""parameters":{"id":"0001","judgement":"confirmed"}"#
    client.call(#"{"method":"io.anomalyd.SetFeedback",\#(parameters)}"#)
    client.call(#"{"method":"io.anomalyd.ShowEvent","parameters":{"id":"0001"}}"#)
    loop.settle(server, SampleHandler())
    let replies = client.replies()
    #expect(replies.count == 2)
    let denial = #"{"error":"org.varlink.service.PermissionDenied","parameters":{}}"#
    #expect((replies.first == denial) == !permitted)
    #expect(replies.first?.contains(#""user":\#(peer.uid)"#) == permitted)
    #expect(replies.last?.contains("019aa2c4") == true)
  }
}
