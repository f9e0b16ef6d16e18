extension Usage {
  /// The line that shows how the command is called.
  public var synopsis: String {
    var words = [command]
    if !options.isEmpty { words.append("[OPTION...]") }
    for argument in arguments {
      switch argument.count {
      case .one: words.append(argument.name)
      case .optional: words.append("[\(argument.name)]")
      case .oneOrMore: words.append("\(argument.name)...")
      case .any: words.append("[\(argument.name)...]")
      }
    }
    return words.joined(separator: " ")
  }

  /// The text of `--help`, wrapped to `width` columns, ending in a newline.
  /// - Parameter subcommands: names and summaries, listed where the command has some.
  public func help(
    width: Int = 80,
    style: Style = .plain,
    subcommands: [(name: String, summary: String)] = []
  ) -> String {
    var lines = ["\(style.bold("Usage:")) \(synopsis)", ""]
    lines += Layout.wrap(summary + ".", width: width)
    for paragraph in details.split(separator: "\n\n") {
      lines.append("")
      lines += Layout.wrap(paragraph.split(separator: "\n").joined(separator: " "), width: width)
    }
    func section(_ title: String, _ entries: [(String, String)]) {
      guard !entries.isEmpty else { return }
      lines += ["", style.bold(title)]
      lines += Layout.definitions(entries, width: width)
    }
    section("Commands:", subcommands.map { ($0.name, $0.summary) })
    section("Arguments:", arguments.map { ($0.name, $0.help) })
    let help = Option.flag("help", short: "h", help: "Print this help and exit")
    section("Options:", (options + [help]).map { (aligned($0), $0.help) })
    if !examples.isEmpty {
      lines += ["", style.bold("Examples:")]
      for example in examples {
        lines.append("  " + example.line)
        lines += Layout.wrap(example.meaning, width: width - 6).map { "      " + $0 }
      }
    }
    section("Exit codes:", exitCodes.map { (String($0.code), $0.meaning) })
    return lines.joined(separator: "\n") + "\n"
  }

  private func aligned(_ option: Option) -> String {
    option.short == nil ? "    " + option.spelling : option.spelling
  }
}
