import Series

extension Settings {
  /// The effective configuration as text that ``load(_:configuration:root:environment:)`` reads back
  /// as the same settings: every key with its value.
  /// - Parameter masked: whether what may be a secret is masked; the text then stands for other
  ///   settings.
  public func describe(masked: Bool = false) -> String {
    var text = ""
    for file in files { text += "# read: \(PrintableText.line(file))\n" }
    if files.isEmpty { text += "# no configuration file: defaults\n" }
    text += described("Agent", agent, masked) + described("Detector", detector, masked)
    for input in inputs { text += input.describe("Input", masked: masked) }
    for output in outputs { text += output.describe("Output", masked: masked) }
    for metric in metrics { text += described("Metric \(metric.pattern)", metric, masked) }
    for silence in silences { text += described("Silence \(silence.name)", silence, masked) }
    return text
  }
}

extension Settings.Component {
  /// The section as text, every key with its value.
  /// - Parameters:
  ///   - word: the first word of its header, `Input` or `Output`.
  ///   - masked: whether what may be a secret is masked.
  public func describe(_ word: String, masked: Bool = false) -> String {
    described("\(word) \(name)", section, masked, type: typeName)
  }
}

private func described<Root: Section>(
  _ header: String, _ root: Root, _ masked: Bool, type: String? = nil
) -> String {
  var description = "\n[\(header)]\n"
  if let type { description += "Type=\(type)\n" }
  for key in Root.keys {
    // A key that takes one of several values an assignment has a line for each.
    let text = masked ? key.show(root) : key.format(root)
    for value in text.split(separator: "\n", omittingEmptySubsequences: false) {
      description += "\(key.name)=\(value)\n"
    }
  }
  return description
}
