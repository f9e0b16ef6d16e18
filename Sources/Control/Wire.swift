import Events
internal import FoundationEssentials
import Monitor
import Series

/// A call without its parameters.
struct CallHeader: Codable {
  var method: String
  var more: Bool?
  var oneway: Bool?
}

/// The parameters of one method.
protocol CallParameters: Codable {
  /// The known names; any other is rejected, since it is most likely misspelt.
  static var names: Set<String> { get }
}

/// The parameters of a method without parameters.
struct NoParameters: CallParameters {
  static let names: Set<String> = []
}

struct InterfaceParameters: CallParameters {
  static let names: Set = ["interface"]
  var interface: String
}

struct ListMetricsParameters: CallParameters {
  static let names: Set = ["pattern", "state"]
  var pattern: String?
  var state: MetricState?
}

struct TapParameters: CallParameters {
  static let names: Set = ["pattern"]
  var pattern: String?
}

extension EventListRequest: CallParameters {
  static let names: Set = ["pattern", "since", "open", "severity", "limit", "after"]
}

extension IncidentListRequest: CallParameters {
  static let names: Set = ["since", "open", "severity", "limit"]
}

extension FeedbackRequest: CallParameters {
  static let names: Set = ["id", "judgement", "note"]
}

extension CloseEventRequest: CallParameters {
  static let names: Set = ["id", "reason"]
}

struct ShowEventParameters: CallParameters {
  static let names: Set = ["id"]
  var id: String
}

struct ShowMetricParameters: CallParameters {
  static let names: Set = ["name"]
  var name: String
}

struct TestOutputParameters: CallParameters {
  static let names: Set = ["name"]
  var name: String
}

struct ServiceInfo: Codable {
  var vendor: String
  var product: String
  var version: String
  var url: String
  var interfaces: [String]
}

struct DescriptionReply: Codable {
  var description: String
}

struct MetricsReply: Codable {
  var metrics: [MetricSummary]
}

/// A message that is not a JSON object, or does not have Varlink's form.
struct MalformedMessage: Error, Equatable {
  /// What is wrong with it.
  let reason: String
}

/// Encodes and decodes messages: JSON, terminated by a NUL byte.
enum Wire {
  static let terminator: UInt8 = 0

  /// The call without its parameters, from bytes without the terminator.
  static func header(of bytes: ArraySlice<UInt8>) throws(MalformedMessage) -> CallHeader {
    do {
      return try JSONDecoder().decode(CallHeader.self, from: Data(bytes))
    } catch {
      throw MalformedMessage(reason: words(for: error))
    }
  }

  /// The parameters of the call in `bytes`.
  /// - Throws: ``ControlError/invalidParameter(_:)`` with the name of the first bad one.
  static func parameters<P: CallParameters>(
    _: P.Type,
    of bytes: ArraySlice<UInt8>
  ) throws(ControlError) -> P {
    do {
      let decoder = JSONDecoder()
      let names = try decoder.decode(ParameterNames.self, from: Data(bytes)).names
      guard let names else { return try decoder.decode(P.self, from: Data("{}".utf8)) }
      if let stranger = names.filter({ !P.names.contains($0) }).min() {
        throw ControlError.invalidParameter(stranger)
      }
      return try decoder.decode(Parameters<P>.self, from: Data(bytes)).parameters
    } catch let error as ControlError {
      throw error
    } catch DecodingError.keyNotFound(let key, _) {
      throw .invalidParameter(key.stringValue)
    } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
      DecodingError.dataCorrupted(let context)
    {
      throw .invalidParameter(context.codingPath.last?.stringValue ?? "parameters")
    } catch {
      throw .invalidParameter("parameters")
    }
  }

  /// A call with its terminator.
  static func call<P: CallParameters>(_ method: String, _ parameters: P, more: Bool) -> [UInt8]? {
    encode(Call(method: method, parameters: parameters, more: more ? true : nil))
  }

  /// A reply with its terminator; nil if JSON cannot express a number in it.
  static func reply<P: Encodable>(_ parameters: P, continues: Bool = false) -> [UInt8]? {
    encode(Reply(parameters: parameters, continues: continues ? true : nil))
  }

  /// An error with its terminator.
  static func error(_ error: ControlError) -> [UInt8] {
    var parameters: [String: String] = [:]
    if let parameter = error.parameter { parameters[parameter.name] = parameter.value }
    return encode(ErrorReply(error: error.name, parameters: parameters)) ?? []
  }

  /// Decodes a reply: its parameters or its error, and whether more replies follow.
  static func read<P: Decodable>(
    _: P.Type,
    from bytes: ArraySlice<UInt8>
  ) throws(MalformedMessage) -> (Result<P, ControlError>, continues: Bool) {
    do {
      let decoder = JSONDecoder()
      let header = try decoder.decode(ReplyHeader.self, from: Data(bytes))
      if let name = header.error {
        let parameters = try? decoder.decode(Parameters<[String: String]>.self, from: Data(bytes))
        let error = ControlError(name: name, parameters: parameters?.parameters ?? [:])
        return (.failure(error), false)
      }
      let reply = try decoder.decode(Parameters<P>.self, from: Data(bytes))
      return (.success(reply.parameters), header.continues ?? false)
    } catch {
      throw MalformedMessage(reason: words(for: error))
    }
  }

  static func encode(_ message: some Encodable) -> [UInt8]? {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(message) else { return nil }
    return Array(data) + [terminator]
  }

  private static func words(for error: any Error) -> String {
    switch error {
    case DecodingError.keyNotFound(let key, _): "'\(key.stringValue)' is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      "'\(path(context))' has the wrong type"
    case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
      "'\(path(context))' is malformed"
    default: "it is not a JSON object"
    }
  }

  private static func path(_ context: DecodingError.Context) -> String {
    context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
      .joined(separator: ".")
  }

  private struct Call<P: Encodable>: Encodable {
    var method: String
    var parameters: P
    var more: Bool?
  }

  private struct Reply<P: Encodable>: Encodable {
    var parameters: P
    var continues: Bool?
  }

  private struct ErrorReply: Encodable {
    var error: String
    var parameters: [String: String]
  }

  private struct ReplyHeader: Decodable {
    var error: String?
    var continues: Bool?
  }

  private struct Parameters<P: Decodable>: Decodable {
    var parameters: P
  }

  /// The names under `parameters`; nil if there are no parameters.
  private struct ParameterNames: Decodable {
    var names: [String]?

    init(from decoder: any Decoder) throws {
      let message = try decoder.container(keyedBy: Name.self)
      let key = Name(stringValue: "parameters")
      guard message.contains(key), try !message.decodeNil(forKey: key) else { return }
      names = try message.nestedContainer(keyedBy: Name.self, forKey: key).allKeys
        .map(\.stringValue)
    }

    struct Name: CodingKey {
      let stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }
  }
}

/// A message as text for scripts.
public enum MessageJSON {
  /// The message on one line, keys in alphabetical order, without absent values; safe to print.
  public static func line(_ message: some Encodable) -> String {
    PrintableText.json(String(decoding: (Wire.encode(message) ?? []).dropLast(), as: UTF8.self))
  }
}
