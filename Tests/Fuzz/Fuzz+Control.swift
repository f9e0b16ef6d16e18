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

extension FuzzTarget {
  /// Varlink: calls as the server reads them, replies as the client does; the first byte chooses.
  static let varlink = FuzzTarget(
    "varlink",
    texts: [
      "0{\"method\":\"io.anomalyd.ListMetrics\",\"parameters\":{\"pattern\":\"disk.*\"},\"more\":true}",
      "1{\"method\":\"io.anomalyd.ShowMetric\",\"parameters\":{\"name\":\"cpu.busy\"}}",
      "2{\"method\":\"org.varlink.service.GetInfo\"}",
      "3{\"parameters\":{\"metrics\":[{\"name\":\"a\",\"state\":\"normal\",\"samples\":1,\"gaps\":0,"
        + "\"score\":0.5,\"level\":0,\"value\":1e3}]},\"continues\":true}",
      "4{\"error\":\"io.anomalyd.NoSuchMetric\",\"parameters\":{\"name\":\"x\"}}",
      "5{\"parameters\":{\"registered\":1,\"limit\":2,\"refused\":0,\"warming\":0,\"normal\":1,"
        + "\"anomalous\":0}}",
      "6{\"parameters\":{\"at\":\"2026-11-20T14:00:00.000Z\",\"succeeded\":true,\"errors\":[]}}",
    ]
  ) { bytes in
    guard let choice = bytes.first else { return }
    let message = bytes.dropFirst()
    switch choice % 8 {
    case 0, 1, 2:
      _ = try? Wire.header(of: message)
      _ = try? Wire.parameters(ListMetricsParameters.self, of: message)
      _ = try? Wire.parameters(ShowMetricParameters.self, of: message)
      _ = try? Wire.parameters(NoParameters.self, of: message)
    case 3: reply(MetricSummary.self, message)
    case 4: reply(StatusReply.self, message)
    case 5: reply(MetricCounts.self, message)
    case 6: reply(ReloadResult.self, message)
    default: reply(MetricDetail.self, message)
    }
  }
}
