/// Several networks of one model that were trained from different seeds: errors and forecasts are their
/// means, in which what each has learnt by chance cancels out (Lakshminarayanan et al. 2017).
final class EnsembleReader: RowReader {
  private let members: [any RowReader]
  private var errors: [Float] = []
  private var forecasts: [Float] = []

  /// - Parameter members: at least one, all alike.
  init(_ members: [any RowReader]) {
    precondition(!members.isEmpty, "an ensemble needs a member")
    self.members = members
  }

  var width: Int { members[0].width }

  func column(of error: Int) -> Int { members[0].column(of: error) }

  func read(_ tape: RowTape, errors: inout [Float], forecasts: inout [Float]) {
    let starts = (errors.count, forecasts.count)
    members[0].read(tape, errors: &errors, forecasts: &forecasts)
    for member in members.dropFirst() {
      self.errors.removeAll(keepingCapacity: true)
      self.forecasts.removeAll(keepingCapacity: true)
      member.read(tape, errors: &self.errors, forecasts: &self.forecasts)
      for place in self.errors.indices { errors[starts.0 + place] += self.errors[place] }
      for place in self.forecasts.indices { forecasts[starts.1 + place] += self.forecasts[place] }
    }
    let share = 1 / Float(members.count)
    for place in starts.0..<errors.count { errors[place] *= share }
    for place in starts.1..<forecasts.count { forecasts[place] *= share }
  }
}
