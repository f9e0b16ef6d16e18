import ControlSupport
import Glibc
import System

@testable import Control

/// Reads a reply of that kind; what is read is written and read again.
private func reply<Message: Codable & Equatable>(_ type: Message.Type, _ bytes: ArraySlice<UInt8>) {
  guard let (result, _) = try? Wire.read(type, from: bytes) else { return }
  switch result {
  case .failure(let error): _ = "\(error)"
  case .success(let message):
    guard let written = Wire.reply(message) else { return }
    guard let (again, _) = try? Wire.read(type, from: written.dropLast()),
      case .success(let other) = again
    else { return promise(false, "a message that was read can be written and read") }
    promise(other == message, "a message reads back")
  }
}

/// A pair of connected sockets: what goes into the second is what a client sends.
private func pair() -> (ours: Int32, theirs: Int32) {
  var ends: [Int32] = [-1, -1]
  let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
  guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { fatalError("no sockets") }
  return (ends[0], ends[1])
}

private let caller: Caller = {
  let ends = pair()
  defer { for end in [ends.ours, ends.theirs] { close(end) } }
  return Caller(PeerCredentials(socket: ends.ours), under: ChangeAuthority.ofHost())
}()

extension FuzzTarget {
  /// Varlink: calls, as the daemon reads and answers them.
  static let calls = FuzzTarget(
    "calls",
    texts: [
      ("ListMetrics", "{\"pattern\":\"disk.*\",\"state\":\"normal\"}"),
      ("ShowMetric", "{\"name\":\"m1\"}"), ("Tap", "{\"pattern\":\"cpu.*\"}"), ("Status", "{}"),
      ("AddSilence", "{\"metrics\":[\"a*\"],\"seconds\":60,\"suppressesAlarms\":true}"),
      ("RemoveSilence", "{\"id\":\"7\"}"), ("ListSilences", "null"),
      ("ListEvents", "{\"since\":\"2026-11-20T14:00:00.000Z\",\"open\":true,\"limit\":5}"),
      ("FollowEvents", "{\"severity\":\"error\"}"), ("TestOutput", "{\"name\":\"ops\"}"),
      ("ShowEvent", "{\"id\":\"019aa2c4\"}"),
      ("SetFeedback", "{\"id\":\"019a\",\"judgement\":\"falseAlarm\",\"note\":\"x\"}"),
      ("CloseEvent", "{\"id\":\"019a\",\"reason\":\"x\"}"),
    ].map { "{\"method\":\"io.anomalyd.\($0)\",\"parameters\":\($1),\"more\":true}" } + [
      "{\"method\":\"org.varlink.service.GetInfo\"}",
      "{\"method\":\"org.varlink.service.GetInterfaceDescription\",\"parameters\":"
        + "{\"interface\":\"io.anomalyd\"}}",
    ]
  ) { bytes in
    let call = bytes[...]
    guard let header = try? Wire.header(of: call) else { return }
    let dispatcher = Dispatcher(
      identity: ServiceIdentity(vendor: "x", product: "x", version: "1", url: "x"),
      limits: ControlLimits(), caller: caller, handler: SampleHandler())
    switch dispatcher.answer(header.method, call, more: header.more ?? false) {
    case .reply(let bytes): promise(bytes.last == Wire.terminator, "a reply has an end")
    case .failure(let error): promise(!Wire.error(error).isEmpty, "an error can be told")
    case .stream(let stream): stream.end()
    }
  }

  /// Varlink: replies, as the client reads them; the first byte chooses the kind.
  static let replies = FuzzTarget(
    "replies", maximumBytes: 8_192,
    texts: [
      "0{\"parameters\":{\"metrics\":[{\"name\":\"a\",\"state\":\"normal\",\"samples\":1,\"gaps\":0,"
        + "\"score\":0.5,\"level\":0,\"value\":1e3}]},\"continues\":true}",
      "1{\"error\":\"io.anomalyd.NoSuchMetric\",\"parameters\":{\"name\":\"x\"}}",
      "2{\"parameters\":{\"registered\":1,\"limit\":2,\"refused\":0,\"warming\":0,\"normal\":1,"
        + "\"anomalous\":0}}",
      "3{\"parameters\":{\"at\":\"2026-11-20T14:00:00.000Z\",\"succeeded\":true,\"errors\":[]}}",
    ]
      + [
        Wire.reply(SampleHandler.silence), Wire.reply(SampleHandler.silence, continues: true),
        Wire.reply(SampleHandler().status()),
      ].compactMap { $0 }.enumerated().map {
        "\([6, 6, 1][$0])" + String(decoding: $1.dropLast(), as: UTF8.self)
      }
  ) { bytes in
    guard let choice = bytes.first else { return }
    let message = bytes.dropFirst()
    switch choice % 12 {
    case 0: reply(MetricSummary.self, message)
    case 1: reply(StatusReply.self, message)
    case 2: reply(MetricCounts.self, message)
    case 3: reply(ReloadResult.self, message)
    case 4: reply(MetricDetail.self, message)
    case 5: reply(TapReply.self, message)
    case 6: reply(SilenceMessage.self, message)
    case 7: reply(EventDetail.self, message)
    case 8: reply(EventsReply.self, message)
    case 9: reply(FeedbackReply.self, message)
    case 10: reply(OutputTest.self, message)
    default: reply(DeliveryStatus.self, message)
    }
  }

  /// Varlink: bytes in pieces, as they come from a client, parted into calls.
  static let frames = FuzzTarget(
    "frames", maximumBytes: 256,
    texts: ["{\"method\":\"a\"}\0{\"method\":\"b\"}\0", "\0\0\0", "{\"method\":\"a\"}"]
  ) { bytes in
    var limits = ControlLimits()
    limits.callBytes = 64
    let (ours, theirs) = pair()
    defer { close(theirs) }
    let connection = ControlConnection(Descriptor(owning: ours), limits: limits, now: .zero)
    var calls: [[UInt8]] = []
    var sent = 0
    do throws(ControlCloseReason) {
      while sent < bytes.count {
        let count = min(1 + Int(bytes[sent] % 32), bytes.count - sent)
        _ = bytes[sent..<sent + count].withUnsafeBytes { write(theirs, $0.baseAddress, $0.count) }
        sent += count
        repeat { try connection.read() } while take()
      }
    } catch {
      return promise(error == .oversize, "the only reason to close is a call that is too long")
    }
    /// Takes what is there; whether that made room.
    func take() -> Bool {
      let before = calls.count
      while let call = connection.nextCall() { calls.append(Array(call)) }
      return calls.count > before
    }
    let expected = bytes.split(separator: Wire.terminator, omittingEmptySubsequences: false)
      .dropLast().map { Array($0) }
    promise(calls == expected, "every call once: \(calls) \(expected)")
  }
}
