extension Settings {
  /// The effective configuration as text that ``load(_:configuration:root:environment:)`` reads back
  /// as the same settings: every key with its value.
  public func describe() -> String {
    var text = ""
    for file in files { text += "# read: \(file)\n" }
    if files.isEmpty { text += "# no configuration file: defaults\n" }
    text += described("Agent", agent) + described("Detector", detector)
    for input in inputs { text += input.describe("Input") }
    for output in outputs { text += output.describe("Output") }
    for metric in metrics { text += described("Metric \(metric.pattern)", metric) }
    for silence in silences { text += described("Silence \(silence.name)", silence) }
    return text
  }
}

extension Settings.Component {
  /// The section as text, every key with its value.
  /// - Parameter word: the first word of its header, `Input` or `Output`.
  public func describe(_ word: String) -> String {
    described("\(word) \(name)", section, type: typeName)
  }
}

private func described<Root: Section>(
  _ header: String, _ root: Root, type: String? = nil
) -> String {
  var text = "\n[\(header)]\n"
  if let type { text += "Type=\(type)\n" }
  for key in Root.keys {
    // A key that takes one of several values an assignment has a line for each.
    for value in key.format(root).split(separator: "\n", omittingEmptySubsequences: false) {
      text += "\(key.name)=\(value)\n"
    }
  }
  return text
}
