/// One line of a datagram, classified by its format.
enum SocketLine {
  /// `name:value|type`.
  case statsD(StatsDLine)
  /// `name,tags fields timestamp`.
  case influx(InfluxLine)
  /// A DogStatsD event or service check: well-formed, but not a metric.
  case notAMetric
  /// An empty line, or a comment after `#`.
  case nothing

  /// Parses `bytes[line]`, which contains no line end.
  ///
  /// StatsD has a colon, then a bar, then a known type; the line protocol has a space and an equals
  /// sign before the first colon, or no such type, and a space.
  init(_ bytes: Span<UInt8>, _ line: Range<Int>) throws(SocketFault) {
    var line = CSVTokens.trimming(bytes, line)
    if let last = line.last, bytes[last] == 0x0D {
      line = CSVTokens.trimming(bytes, line.lowerBound..<last)
    }
    guard !line.isEmpty, bytes[line.lowerBound] != UInt8(ascii: "#") else {
      self = .nothing
      return
    }
    if SocketLine.isNotAMetric(bytes, line) {
      self = .notAMetric
      return
    }
    var hasSpace = false
    var hasEquals = false
    var colon: Int?
    for index in line {
      switch bytes[index] {
      case 0x20: hasSpace = true
      case UInt8(ascii: "="): hasEquals = true
      default: break
      }
      if bytes[index] == UInt8(ascii: ":") {
        colon = index
        break
      }
    }
    if let colon, !(hasSpace && hasEquals) {
      if let found = try StatsDLine(bytes, line, colon: colon) {
        self = .statsD(found)
        return
      }
    }
    guard bytes.contains(0x20, in: line), bytes.contains(UInt8(ascii: "="), in: line) else {
      if let colon, let bar = bytes.first(UInt8(ascii: "|"), in: colon..<line.upperBound) {
        let end = bytes.first(UInt8(ascii: "|"), in: bar + 1..<line.upperBound)
        throw .type(bar + 1..<(end ?? line.upperBound))
      }
      throw .notALine
    }
    self = .influx(try InfluxLine(bytes, line))
  }

  private static func isNotAMetric(_ bytes: Span<UInt8>, _ line: Range<Int>) -> Bool {
    bytes.starts(with: "_e{", in: line) || bytes.starts(with: "_sc|", in: line)
  }
}

extension SocketSection {
  /// The fault in the form of a line, for a sender that wants to know before the daemon logs it;
  /// nil if there is none. Whether name, type and time stamp suit the metric is for the daemon to
  /// decide.
  public static func fault(in line: [UInt8]) -> String? {
    do throws(SocketFault) {
      _ = try SocketLine(line.span, line.indices)
      return nil
    } catch .openText {
      return nil  // Quoted text may continue on the next line.
    } catch {
      return error.description(in: line)
    }
  }
}

extension Span<UInt8> {
  /// The position of the first `byte` in `range`.
  func first(_ byte: UInt8, in range: Range<Int>) -> Int? {
    for index in range where self[index] == byte { return index }
    return nil
  }

  /// Whether `range` contains `byte`.
  func contains(_ byte: UInt8, in range: Range<Int>) -> Bool { first(byte, in: range) != nil }

  /// Whether `range` begins with `text`.
  func starts(with text: StaticString, in range: Range<Int>) -> Bool {
    guard range.count >= text.utf8CodeUnitCount else { return false }
    return text.withUTF8Buffer { letters in
      for offset in 0..<letters.count where self[range.lowerBound + offset] != letters[offset] {
        return false
      }
      return true
    }
  }

  /// Whether `range` equals `text`.
  func equals(_ text: StaticString, in range: Range<Int>) -> Bool {
    range.count == text.utf8CodeUnitCount && starts(with: text, in: range)
  }
}
