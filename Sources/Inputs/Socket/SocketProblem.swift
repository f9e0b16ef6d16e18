import Series

/// The possible problems of a socket; each kind is reported, counted and rate-limited on its own.
enum SocketProblem: Int, InputProblem {
  case closed
  case lost
  case notALine
  case statsD
  case influx
  case name
  case conflict
  case timestamp
  case timeOrder
  case full

  var plural: String? {
    switch self {
    case .closed, .lost: nil
    case .notALine: "lines in neither format"
    case .statsD: "malformed StatsD lines"
    case .influx: "malformed lines of the line protocol"
    case .name: "lines with unusable names"
    case .conflict: "lines of a type other than that of their metric"
    case .timestamp: "lines with an impossible time stamp"
    case .timeOrder: "values that go back in time"
    case .full: "lines of excess metrics"
    }
  }

  var malformedCount: MalformedCount {
    switch self {
    case .closed, .lost, .full: .never
    default: .always
    }
  }
}

/// Why a line, or a value of it, is unusable.
enum SocketFault: Error, Equatable {
  /// Neither StatsD nor the line protocol.
  case notALine
  /// A line without a name.
  case noName
  /// StatsD of an unknown type.
  case type(Range<Int>)
  /// A value that is not a finite number.
  case number(Range<Int>)
  /// An invalid event id.
  case eventID(Range<Int>)
  /// An event with a sample rate.
  case sampledEvent
  /// A sample rate outside 0...1.
  case rate(Range<Int>)
  /// Something after the type that is neither a rate nor tags.
  case section(Range<Int>)
  /// The line protocol without a field, or with one that lacks name or value.
  case field(Range<Int>)
  /// A quoted text of the line protocol that does not end.
  case openText(Range<Int>)
  /// A tag without key or value.
  case tag(Range<Int>)
  /// More tags than ``SocketLimits/tags``.
  case tooManyTags
  /// A time stamp that is not a whole number.
  case timestamp(Range<Int>)
  /// A time stamp too far from now.
  case implausible(Range<Int>)
  /// A name that is longer than a metric's may be.
  case longName
  /// A name that is not UTF-8, or contains characters not allowed in names.
  case badName
  /// A metric that was of another type before.
  case conflict(expected: String, found: String)

  /// The kind of problem.
  var problem: SocketProblem {
    switch self {
    case .notALine: .notALine
    case .noName, .type, .number, .rate, .section, .eventID, .sampledEvent: .statsD
    case .field, .openText, .tag, .tooManyTags, .timestamp: .influx
    case .implausible: .timestamp
    case .longName, .badName: .name
    case .conflict: .conflict
    }
  }

  /// What was expected and what was found in a datagram.
  func description(in bytes: [UInt8]) -> String {
    func quoted(_ range: Range<Int>) -> String { Excerpt.quoted(bytes[range]) }
    return switch self {
    case .notALine:
      "expected name:value|type (StatsD) or name field=value (line protocol), found neither"
    case .noName: "expected a name at the beginning, found none"
    case .type(let range): "expected a type out of c g ms h d s m e, found \(quoted(range))"
    case .number(let range): "expected a number, found \(quoted(range))"
    case .rate(let range): "expected a sample rate above 0 and up to 1, found \(quoted(range))"
    case .eventID(let range):
      "expected the id of an event of 1 to \(TraceEvent.longest) bytes without control characters, "
        + "found \(quoted(range))"
    case .sampledEvent: "expected every event of a stream, found a sample rate"
    case .section(let range): "expected @rate or #tags, found \(quoted(range))"
    case .openText(let range): "expected field=value, found no closing quote after \(quoted(range))"
    case .field(let range): "expected field=value, found \(quoted(range))"
    case .tag(let range): "expected tag=value, found \(quoted(range))"
    case .tooManyTags: "expected at most \(SocketLimits.tags) tags, found more"
    case .timestamp(let range): "expected a whole number as time stamp, found \(quoted(range))"
    case .implausible(let range):
      "expected a time stamp of the last day, found \(quoted(range)); is TimestampPrecision= right?"
    case .longName: "expected a name of at most 200 bytes, found more"
    case .badName: "expected a name of printable characters in UTF-8, found something else"
    case .conflict(let expected, let found):
      "expected \(expected) as under this name before, found \(found)"
    }
  }
}
