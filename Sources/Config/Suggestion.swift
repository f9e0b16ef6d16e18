/// The word of `known` that someone who wrote `found` most likely meant; nil if none is near.
///
/// Near: at most a third of the letters changed, inserted, left out or swapped, case aside.
func suggestion(for found: some StringProtocol, among known: [String]) -> String? {
  let wanted = Array(found.lowercased().prefix(64))
  var best: (word: String, distance: Int)?
  for word in known {
    let distance = editDistance(wanted, Array(word.lowercased()))
    if distance < best?.distance ?? .max { best = (word, distance) }
  }
  guard let best, best.distance <= max(1, max(best.word.count, wanted.count) / 3) else {
    return nil
  }
  return best.word
}

/// The number of letters to change, insert, leave out or swap with their neighbour (optimal
/// string alignment: Damerau's distance with each piece edited once).
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var beforeLast = [Int](repeating: 0, count: b.count + 1)
  var last = Array(0...b.count)
  for i in 0..<a.count {
    var row = [i + 1]
    for j in 0..<b.count {
      var cost = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        cost = min(cost, beforeLast[j - 1] + 1)
      }
      row.append(cost)
    }
    (beforeLast, last) = (last, row)
  }
  return last[b.count]
}
