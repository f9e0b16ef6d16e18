/// Suggests corrections for misspelt words.
public enum NearMiss {
  /// The candidate with the smallest edit distance, if that is small for a word of this length.
  ///
  /// Edits are insertions, deletions, replacements and swaps of neighbours (optimal string
  /// alignment); at most a third of the word's length, at least one. A unique candidate that
  /// begins with the word, of three letters or more, also qualifies.
  public static func of(_ word: String, among candidates: some Sequence<String>) -> String? {
    let letters = Array(word.lowercased())
    let allowed = max(1, letters.count / 3)
    var best: (distance: Int, candidate: String)?
    var completions: [String] = []
    for candidate in candidates {
      let other = Array(candidate.lowercased())
      if letters.count >= 3, other.starts(with: letters) { completions.append(candidate) }
      guard abs(other.count - letters.count) <= allowed else { continue }
      let distance = distance(letters, other)
      if distance <= allowed, best.map({ distance < $0.distance }) ?? true {
        best = (distance, candidate)
      }
    }
    return best?.candidate ?? (completions.count == 1 ? completions[0] : nil)
  }

  private static func distance(_ a: [Character], _ b: [Character]) -> Int {
    guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in 1...a.count {
      var row = [i] + [Int](repeating: 0, count: b.count)
      for j in 1...b.count {
        let replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
        row[j] = min(replaced, last[j] + 1, row[j - 1] + 1)
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
          row[j] = min(row[j], beforeLast[j - 2] + 1)
        }
      }
      (beforeLast, last) = (last, row)
    }
    return last[b.count]
  }
}
