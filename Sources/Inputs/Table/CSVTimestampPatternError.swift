/// Why a text is not a valid time stamp pattern.
public enum CSVTimestampPatternError: Error, Equatable, CustomStringConvertible {
  /// It exceeds the maximum length.
  case tooLong(bytes: Int, maximum: Int)
  /// It ends in a lone `%`.
  case unfinished(pattern: String)
  /// It has a `%` with a letter that means nothing here.
  case unknownConversion(Unicode.Scalar, pattern: String)
  /// It contains no complete date and so does not determine a time.
  case noWholeDate(pattern: String)
  /// It has `%I` without `%p` or `%p` without `%I`.
  case halfAClock(pattern: String)

  /// One sentence for the user.
  public var description: String {
    switch self {
    case .tooLong(let bytes, let maximum):
      "a time stamp pattern may have at most \(maximum) bytes, found \(bytes)"
    case .unfinished(let pattern): "expected a letter after the last % of '\(pattern)'"
    case .unknownConversion(let letter, let pattern):
      "unknown conversion %\(letter) in '\(pattern)'"
    case .noWholeDate(let pattern):
      "expected auto, iso8601, epoch, epoch-milliseconds or a pattern with year, month and day "
        + "such as %d/%m/%Y %H:%M, found '\(pattern)'"
    case .halfAClock(let pattern): "%I and %p must be used together in '\(pattern)'"
    }
  }
}
