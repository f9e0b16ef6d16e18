internal import FoundationEssentials
public import Series

/// Bytes in a message: base 64.
public struct MessageBytes: Codable, Equatable, Sendable {
  /// The bytes.
  public var bytes: [UInt8]

  /// These bytes.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Decodes them.
  public init(from decoder: any Decoder) throws {
    bytes = Array(try decoder.singleValueContainer().decode(Data.self))
  }

  /// Encodes them.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(Data(bytes))
  }
}

/// A metric to be exported: the parameters of `ExportModel`.
public struct ExportRequest: Codable, Equatable, Sendable {
  /// The metric.
  public var name: String
  /// The snapshot to take its state from; nil: the present state.
  public var snapshot: String?

  /// A request.
  public init(name: String, snapshot: String? = nil) {
    self.name = name
    self.snapshot = snapshot
  }
}

extension ExportRequest: CallParameters {
  static let names: Set = ["name", "snapshot"]
}

/// A part of an exported metric: replies of `ExportModel`. Parts without bytes mean that a snapshot
/// is still being searched.
public struct ExportReply: Codable, Equatable, Sendable {
  /// The bytes of the part.
  public var data: MessageBytes

  /// A part.
  public init(_ bytes: [UInt8]) {
    data = MessageBytes(bytes)
  }
}

/// A metric to be imported: the parameters of `ImportModel`.
public struct ImportRequest: Codable, Equatable, Sendable {
  /// The data from `ExportModel`.
  public var data: MessageBytes
  /// The metric here; nil: the one with the same name.
  public var name: String?

  /// A request.
  public init(_ bytes: [UInt8], name: String?) {
    data = MessageBytes(bytes)
    self.name = name
  }
}

extension ImportRequest: CallParameters {
  static let names: Set = ["data", "name"]
}

/// The result of an import.
public struct ImportReply: Codable, Equatable, Sendable {
  /// The metric here.
  public var metric: String
  /// The metric that was exported.
  public var source: String
  /// When it was exported.
  public var exported: Timestamp
  /// The differences between the exporting and the importing side, one sentence each.
  public var differences: [String]

  /// An imported metric.
  public init(metric: String, source: String, exported: Timestamp, differences: [String]) {
    self.metric = metric
    self.source = source
    self.exported = exported
    self.differences = differences
  }
}
