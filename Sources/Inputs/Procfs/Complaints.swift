/// What a parser could not parse in one reading of a file.
package struct Complaints: Equatable {
  /// One thing that could not be parsed.
  package enum Complaint: Equatable {
    /// A line is malformed.
    case malformed(line: Int, expected: String, found: String)
    /// A required line is missing.
    case missing(expected: String)
  }

  /// How many lines were malformed or missing.
  package private(set) var count = 0
  /// The first of them.
  package private(set) var first: Complaint?

  package init() {}

  /// Records a malformed line.
  package mutating func malformed(line: Int, expected: String, found: UnsafeRawBufferPointer) {
    count += 1
    guard first == nil else { return }
    first = .malformed(line: line, expected: expected, found: Excerpt.text(found))
  }

  /// Records a missing line.
  package mutating func missing(_ expected: String) {
    count += 1
    if first == nil { first = .missing(expected: expected) }
  }
}
