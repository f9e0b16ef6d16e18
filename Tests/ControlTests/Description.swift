import FoundationEssentials

/// Any JSON value.
indirect enum JSONValue: Decodable, Equatable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  init(parsing text: String) throws {
    self = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
  }

  subscript(key: String) -> JSONValue? {
    if case .object(let fields) = self { fields[key] } else { nil }
  }
}

/// A Varlink interface description, parsed far enough to compare messages with it.
struct Description {
  indirect enum ValueSyntax: Equatable {
    case bool, int, float, string
    case named(String)
    case optional(ValueSyntax)
    case array(ValueSyntax)
    case structure([String: ValueSyntax])
    case words([String])
  }

  struct Malformed: Error, Equatable {
    let near: [String]
  }

  private(set) var types: [String: ValueSyntax] = [:]
  private(set) var methods: [String: (parameters: ValueSyntax, reply: ValueSyntax)] = [:]
  private(set) var errors: [String: ValueSyntax] = [:]
  /// The fields of named types and replies that a message has carried, as `Type.field`.
  private(set) var seen: Set<String> = []

  private var tokens: ArraySlice<String>

  init(_ text: String) throws {
    let lines = text.split(separator: "\n").filter {
      $0.drop { $0 == " " }.first != "#"
    }
    var tokens: [String] = []
    for character in lines.joined(separator: " ") {
      if character == " " {
        tokens.append("")
      } else if "():,?[]".contains(character) {
        tokens += [String(character), ""]
      } else if tokens.isEmpty {
        tokens.append(String(character))
      } else {
        tokens[tokens.count - 1].append(character)
      }
    }
    self.tokens = tokens.filter { !$0.isEmpty }[...]
    try expect("interface")
    _ = try next()
    while let keyword = self.tokens.popFirst() {
      let name = try next()
      switch keyword {
      case "type": types[name] = try form()
      case "error": errors[name] = try form()
      case "method":
        let parameters = try form()
        try expect("->")
        methods[name] = (parameters, try form())
      default: throw Malformed(near: [keyword, name])
      }
    }
  }

  private mutating func next() throws -> String {
    guard let token = tokens.popFirst() else { throw Malformed(near: []) }
    return token
  }

  private mutating func expect(_ token: String) throws {
    guard try next() == token else { throw Malformed(near: Array(tokens.prefix(5))) }
  }

  private mutating func form() throws -> ValueSyntax {
    let token = try next()
    switch token {
    case "?": return .optional(try form())
    case "[":
      try expect("]")
      return .array(try form())
    case "(": return try group()
    case "bool": return .bool
    case "int": return .int
    case "float": return .float
    case "string": return .string
    default: return .named(token)
    }
  }

  private mutating func group() throws -> ValueSyntax {
    var fields: [String: ValueSyntax] = [:]
    var words: [String] = []
    while tokens.first != ")" {
      let name = try next()
      if tokens.first == ":" {
        _ = try next()
        fields[name] = try form()
      } else {
        words.append(name)
      }
      if tokens.first == "," { _ = try next() }
    }
    _ = try next()
    return words.isEmpty ? .structure(fields) : .words(words)
  }

  /// The mismatches between a value and its type; empty if there are none.
  mutating func faults(_ value: JSONValue?, _ form: ValueSyntax, _ path: String) -> [String] {
    switch (form, value) {
    case (.optional, nil), (.optional, .null), (.bool, .bool), (.int, .integer), (.string, .string),
      (.float, .integer), (.float, .number):
      return []
    case (.optional(let wrapped), let value?): return faults(value, wrapped, path)
    case (.named(let name), let value?):
      guard let type = types[name] else { return ["\(path): no type \(name)"] }
      return faults(value, type, name)
    case (.array(let element), .array(let values)):
      return values.flatMap { faults($0, element, path) }
    case (.words(let words), .string(let word)) where words.contains(word): return []
    case (.structure(let fields), .object(let values)):
      var found: [String] = []
      for (name, form) in fields {
        if values[name] != nil { seen.insert("\(path).\(name)") }
        found += faults(values[name], form, "\(path).\(name)")
      }
      return found + values.keys.filter { fields[$0] == nil }.map { "\(path).\($0) is unknown" }
    default: return ["\(path): found \(value.map { "\($0)" } ?? "nothing")"]
    }
  }

  /// The fields of the structures that are described, as `Type.field`.
  func described(_ replies: [String]) -> Set<String> {
    var all: Set<String> = []
    let named = types.map { ($0.key, $0.value) }
    for (name, form) in named + replies.compactMap({ key in methods[key].map { (key, $0.reply) } })
    {
      if case .structure(let fields) = form { all.formUnion(fields.keys.map { "\(name).\($0)" }) }
    }
    return all
  }
}
