extension Settings {
  /// The text of `etc/anomalyd.conf`: every key commented out with its default, above it what it
  /// does and what it takes.
  ///
  /// Read back as it is, it gives the defaults.
  public static var defaultFile: String {
    var text = """
      # Configuration of anomalyd. Every line that begins with # is a comment; the values shown are
      # the defaults. Syntax as in systemd.syntax(7). Changes belong in a file of their own,
      # /etc/anomalyd/anomalyd.conf.d/NAME.conf; check them with: anomalyd --check
      # Take them up with: systemctl reload anomalyd

      """
    func add(_ note: String, _ header: String, type: String?, commented: Bool) {
      text += "\n" + comment(note) + "\(commented ? "#" : "")[\(header)]\n"
      let word = header.prefix { $0 != " " }
      for key in SettingsKey.all where key.section == word {
        if key.name == "Type", let type {
          text += "\n" + comment("\(key.help) One of \(key.expectation).") + "#Type=\(type)\n"
        } else if key.type == type {
          text += "\n" + comment("\(key.help) Takes \(key.expectation).")
          text += "#\(key.name)=\(key.defaultText)\n"
        }
      }
    }
    add("Limits, state and control socket.", "Agent", type: nil, commented: false)
    add("What holds for every metric.", "Detector", type: nil, commented: false)
    add(
      "Inputs. As soon as one [Input NAME] is configured, only configured ones are read.",
      "Input host",
      type: "procfs",
      commented: true
    )
    add("A growing table in a text file.", "Input NAME", type: "csv", commented: true)
    add("A trace of events in a text file.", "Input NAME", type: "events", commented: true)
    add("A sensor on a serial line.", "Input NAME", type: "serial", commented: true)
    add("What programs send to a socket.", "Input NAME", type: "socket", commented: true)
    add(
      "Outputs. As soon as one [Output NAME] is configured, only configured ones are written.",
      "Output journal",
      type: "journal",
      commented: true
    )
    add("Events as JSON lines.", "Output NAME", type: "file", commented: true)
    add("Events to an endpoint, over HTTP.", "Output NAME", type: "webhook", commented: true)
    add(
      "What is different for the metrics whose names match a pattern such as disk.*; where several "
        + "match, the last one counts.",
      "Metric PATTERN",
      type: nil,
      commented: true
    )
    add(
      "Times in which outputs are told nothing, or detectors learn nothing; see also anomalyctl "
        + "silence add.",
      "Silence NAME",
      type: nil,
      commented: true
    )
    return text
  }

  /// The text as comment lines of at most 100 columns.
  private static func comment(_ text: String) -> String {
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
