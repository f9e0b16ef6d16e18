import Series

/// Several networks of one model, trained from different seeds: errors and forecasts are their
/// means, which cancels out what each has learnt by chance (Lakshminarayanan et al. 2017).
final class EnsembleReader: RowReader {
  private let members: [any RowReader]
  private var readings = RowReadings()

  /// - Parameter members: at least one, all alike.
  init(_ members: [any RowReader]) {
    precondition(!members.isEmpty, "an ensemble needs a member")
    self.members = members
  }

  var width: Int { members[0].width }

  func column(of error: Int) -> Int { members[0].column(of: error) }

  func horizon(of error: Int) -> Int? { members[0].horizon(of: error) }

  func read(_ tape: RowTape, into readings: inout RowReadings) {
    let starts = (readings.errors.count, readings.forecasts.count)
    members[0].read(tape, into: &readings)
    for member in members.dropFirst() {
      self.readings.removeAll()
      member.read(tape, into: &self.readings)
      EnsembleReader.add(self.readings.errors, to: &readings.errors, from: starts.0)
      EnsembleReader.add(self.readings.forecasts, to: &readings.forecasts, from: starts.1)
      EnsembleReader.add(self.readings.scales, to: &readings.scales, from: starts.1)
    }
    let share = 1 / Float(members.count)
    for place in starts.0..<readings.errors.count { readings.errors[place] *= share }
    for place in starts.1..<readings.forecasts.count {
      readings.forecasts[place] *= share
      readings.scales[place] *= share
    }
  }

  func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    for member in members { try member.code(&coder) }
  }

  private static func add(_ values: [Float], to sums: inout [Float], from start: Int) {
    for place in values.indices { sums[start + place] += values[place] }
  }
}
