/// The fields of one frame as found by its decoder; created once and reused for every frame.
struct SerialFields {
  /// One number and the position of its name.
  struct Field: Equatable {
    /// The name's bytes in the frame; for CSV empty.
    var name: Range<Int>
    /// The cell, from 0; meaningful only for CSV.
    var position: Int
    /// The number's bytes.
    var text: Range<Int>
    /// The number; NaN for a missing value; nil if it is not a number.
    var value: Double?
  }

  private(set) var count = 0
  /// The last name of a number that cannot be part of a metric's name.
  var unusableName: Range<Int>?
  private var fields = [Field](
    repeating: Field(name: 0..<0, position: 0, text: 0..<0),
    count: SerialLimits.fields
  )

  /// The field at `index`, below ``count``.
  subscript(index: Int) -> Field { fields[index] }

  mutating func removeAll() {
    count = 0
    unusableName = nil
  }

  mutating func append(_ field: Field) throws(SerialFault) {
    guard count < SerialLimits.fields else { throw .tooManyFields }
    fields[count] = field
    count += 1
  }
}

/// Why a frame is malformed.
enum SerialFault: Error, Equatable {
  /// CSV with a number of cells other than the configured fields.
  case cells(expected: Int, found: Int)
  /// A configured field without a number.
  case notANumber(Range<Int>)
  /// No name before an equals sign, or no equals sign at all.
  case notAPair(Range<Int>)
  /// Not a JSON object on one line, from this byte on.
  case notJSON(at: Int)
  /// Two values with one name, as when a line end is lost.
  case twice(Range<Int>)
  /// More fields than ``SerialLimits/fields``.
  case tooManyFields
  /// No wanted field with a number.
  case nothingWanted

  /// What was expected and what was found in a frame.
  func description(in frame: [UInt8]) -> String {
    func quoted(_ range: Range<Int>) -> String { Excerpt.quoted(frame[range]) }
    return switch self {
    case .cells(let expected, let found):
      "expected \(expected) \(expected == 1 ? "value" : "values"), found \(found)"
    case .notANumber(let range): "expected a number, found \(quoted(range))"
    case .notAPair(let range): "expected name=value, found \(quoted(range))"
    case .notJSON(let index): "expected a flat JSON object, found something else at byte \(index)"
    case .twice(let range): "expected every name once, found \(quoted(range)) twice"
    case .tooManyFields: "expected at most \(SerialLimits.fields) fields, found more"
    case .nothingWanted: "expected a configured field with a number, found none"
    }
  }
}
