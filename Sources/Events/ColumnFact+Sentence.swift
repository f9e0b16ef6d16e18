import Detection
import Series

extension ColumnFact {
  /// The column's value, such as `disk.sda.busy 97% where 12% is usual`.
  var sentence: String {
    guard let name = try? MetricName(validating: metric) else { return metric }
    guard value.isFinite else { return "\(metric) is missing" }
    let numbers = MetricUnit.texts([value, usual], of: name)
    return usual.isFinite
      ? "\(metric) \(numbers[0]) where \(numbers[1]) is usual" : "\(metric) \(numbers[0])"
  }
}
