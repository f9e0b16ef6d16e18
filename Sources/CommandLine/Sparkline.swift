/// A series drawn as one line of block characters.
public enum Sparkline {
  private static let blocks: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

  /// The last values drawn in at most `width` characters, lowest `▁` to highest `█`.
  ///
  /// A value that is not finite is a blank. If there are more values than characters, each
  /// character shows the value of its interval that is farthest from the overall mean, so that a
  /// spike stays visible. A constant series is drawn at half height.
  public static func draw(_ values: [Double], width: Int) -> String {
    guard width > 0, !values.isEmpty else { return "" }
    let finite = values.filter(\.isFinite)
    guard let lowest = finite.min(), let highest = finite.max() else {
      return Layout.spaces(min(width, values.count))
    }
    let scale = Double(finite.count)
    let mean = finite.reduce(0) { $0 + $1 / scale }
    let count = min(width, values.count)
    var result = ""
    for index in 0..<count {
      let stretch = values[(index * values.count / count)..<((index + 1) * values.count / count)]
      let shown = stretch.filter(\.isFinite).max { abs($0 - mean) < abs($1 - mean) }
      result.append(shown.map { block($0, lowest, highest) } ?? " ")
    }
    return result
  }

  private static func block(_ value: Double, _ lowest: Double, _ highest: Double) -> Character {
    guard highest > lowest else { return blocks[3] }
    // Halved, so that the span of the most extreme doubles stays finite.
    let height = (value / 2 - lowest / 2) / (highest / 2 - lowest / 2)
    return blocks[min(blocks.count - 1, Int(height * Double(blocks.count)))]
  }
}
