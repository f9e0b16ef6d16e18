extension SectionTypes {
  /// The text of `etc/anomalyd.conf`: every key commented out with its default, preceded by its
  /// help and syntax.
  ///
  /// Read back unchanged, it gives the defaults.
  public var defaultFile: String {
    var text = """
      # Configuration of anomalyd. Every line that begins with # is a comment; the values shown are
      # the defaults. Syntax as in systemd.syntax(7). Changes belong in a file of their own,
      # /etc/anomalyd/anomalyd.conf.d/NAME.conf; check them with: anomalyd --check
      # Apply them with: systemctl reload anomalyd

      """
    for page in pages {
      let mark = page.isCommented ? "#" : ""
      text += "\n" + comment(page.note) + "\(mark)[\(page.header)]\n"
      for key in page.keys {
        let takes = key.name == "Type" ? "One of" : "Takes"
        text += "\n" + comment("\(key.help) \(takes) \(key.expectation).")
        text += "#\(key.name)=\(key.defaultText)\n"
      }
    }
    return text
  }

  /// The text as comment lines of at most 100 columns.
  private func comment(_ text: String) -> String {
    var result = ""
    var line = "#"
    for word in text.split(separator: " ") {
      if line.count + 1 + word.count > 100 {
        result += line + "\n"
        line = "#"
      }
      line += " " + word
    }
    return result + line + "\n"
  }
}

/// A section as the default file and the manual present it.
struct SectionPage {
  /// The header in the default file, without brackets.
  var header: String
  /// Whether the default file has the header as a comment, because the section is optional.
  var isCommented = true
  /// The text above the header in the default file.
  var note: String
  /// The title in the manual.
  var title: String
  /// The text below the title in the manual.
  var manual: String
  /// The keys; `Type=` with the type of this section as its value.
  var keys: [SettingsKey]
}

extension SectionTypes {
  /// Every section, in the order of the manual.
  var pages: [SectionPage] {
    [
      SectionPage(
        header: "Agent", isCommented: false, note: "Limits, state and the control socket.",
        title: "[Agent]", manual: "Limits, state and the control socket.", keys: keys(.agent)),
      SectionPage(
        header: "Detector", isCommented: false, note: "Settings for all metrics.",
        title: "[Detector]", manual: "Settings for all metrics.", keys: keys(.detector)),
    ]
      + pages(
        .input,
        "Inputs. If any [Input NAME] is configured, only configured inputs are read.")
      + pages(
        .output,
        "Outputs. If any [Output NAME] is configured, only configured outputs are written.")
      + [
        SectionPage(
          header: "Metric PATTERN",
          note:
            "Settings for metrics whose names match a pattern such as disk.*; if several match, "
            + "the last one applies.",
          title: "[Metric PATTERN]",
          manual: "Settings for metrics whose names match the pattern: * is any run of "
            + "characters, ? any single one, [a-z] one of a set. If several sections match and "
            + "set a key, the last one applies.",
          keys: keys(.metric)),
        SectionPage(
          header: "Model NAME",
          note:
            "A model of several metrics from anomalyctl train, which alarms when they no longer "
            + "fit together. Its score is the metric model.NAME.",
          title: "[Model NAME]",
          manual:
            "A model that anomalyctl train created from recordings judges several metrics of this "
            + "host together and alarms when they no longer fit together, even if each of them "
            + "looks normal. Its score is a metric like any other, model.NAME, with "
            + "calibration, alarm budget, events, silences and [Metric] rules; events name the "
            + "columns that contributed most. Rows are formed at the sampling interval of the "
            + "model from the nearest sample of each metric; a metric without one leaves a gap, "
            + "and anomalyctl status shows metrics that are missing for longer.",
          keys: keys(.model)),
        SectionPage(
          header: "Silence NAME",
          note: "Times during which outputs are not notified, or detectors do not learn; see also "
            + "anomalyctl silence add.",
          title: "[Silence NAME]",
          manual: "Times during which outputs are not notified, or detectors do not learn, for "
            + "example during a backup. If silences overlap, each suppresses what it is "
            + "configured to. For one-off silences, without configuration: anomalyctl silence add.",
          keys: keys(.silence)),
      ]
  }

  /// The types of one kind, the first one preceded by a note on all of them.
  private func pages(_ kind: SectionKind, _ note: String) -> [SectionPage] {
    let entries = keys(kind)
    return of(kind).enumerated().map { index, type in
      let isFirst = index == 0
      var keys = entries.filter { $0.type == type.typeName }
      if var first = entries.first(where: { $0.name == "Type" }) {
        first.defaultText = type.typeName
        if !isFirst { first.help = "" }
        keys.insert(first, at: 0)
      }
      let summary = type.summary.prefix(1).uppercased() + type.summary.dropFirst() + "."
      return SectionPage(
        header: "\(kind.rawValue) \(type.defaultName ?? "NAME")",
        note: (isFirst ? note + " " : "") + summary,
        title: "[\(kind.rawValue) NAME] with Type=\(type.typeName)",
        manual: (isFirst ? note + " " : "") + type.manual,
        keys: keys)
    }
  }
}
