/// What can be wrong with a serial line; each kind is reported, counted and rate-limited on its
/// own.
enum SerialProblem: Int, InputProblem {
  case closed
  case lost
  case noise
  case tooLong
  case half
  case malformed
  case metricLimit
  case senseless

  var plural: String? {
    switch self {
    case .closed, .lost: nil
    case .noise: "lines with unprintable bytes"
    case .tooLong: "lines that are too long"
    case .half: "half lines"
    case .malformed: "malformed lines"
    case .metricLimit: "lines with too many names"
    case .senseless: "lines that made no sense"
    }
  }
}
