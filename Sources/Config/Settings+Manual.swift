extension Settings {
  /// The text of the manual page anomalyd.conf(5), in the macros of man(7).
  public static var manual: String {
    var page = """
      .\\" Generated from the settings table.
      .TH ANOMALYD.CONF 5 "" anomalyd
      .SH NAME
      anomalyd.conf \\- configuration of the anomaly detector anomalyd
      .SH SYNOPSIS
      .nf
      /etc/anomalyd/anomalyd.conf
      /etc/anomalyd/anomalyd.conf.d/*.conf
      .fi
      .SH DESCRIPTION
      The syntax is that of \\fBsystemd.syntax\\fR(7): sections in brackets, one assignment a line,
      comments after # or ; at the beginning of a line, a backslash at the end of a line goes on with
      the next one. A section may be repeated, in other files too. A later assignment wins over an
      earlier one; an empty one goes back to the default, and clears a list. The first assignment of
      a list replaces its default, further ones add to it.
      .PP
      The main file is the first that exists of anomalyd/anomalyd.conf under /etc, /run,
      /usr/local/lib and /usr/lib. Then come the drop\\-ins of all four directories in the order of
      their names; of two with the same name the one in the earlier directory is read, and a link to
      /dev/null there hides the other. With no file at all this host is watched, and events go to the
      journal.
      .PP
      A section or key that is not known, and a value that is not what its key takes, make the
      configuration bad as a whole: all errors are told with file and line, the daemon ends with exit
      code 78, or on a reload goes on with the configuration it has. Nothing but
      \\fBanomalyd \\-\\-check\\fR is needed to see them.

      """
    for section in manualSections {
      page += ".SH \"\(section.header)\"\n\(manualText(section.note))\n"
      for key in SettingsKey.all
      where key.section == section.word && (key.type == section.type || key.name == "Type") {
        if key.name == "Type", !section.introducesType { continue }
        page += ".TP\n\\fB\(key.name)=\\fR\n\(manualText(key.help))\n"
        page += manualText("Takes \(key.expectation).") + "\n"
        if !key.defaultText.isEmpty { page += manualText("Default: \(key.defaultText)") + "\n" }
      }
    }
    return page + """
      .SH FILES
      /etc/anomalyd/anomalyd.conf as installed shows every key with its default.
      .SH SEE ALSO
      \\fBanomalyd\\fR(8), \\fBanomalyctl\\fR(1), \\fBsystemd.syntax\\fR(7), \\fBsystemd.time\\fR(7)

      """
  }

  private struct ManualSection {
    var header: String
    var word: String
    var type: String?
    var introducesType = false
    var note: String
  }

  private static let manualSections = [
    ManualSection(
      header: "[Agent]", word: "Agent", note: "Limits, state and the control socket."),
    ManualSection(header: "[Detector]", word: "Detector", note: "What holds for every metric."),
    ManualSection(
      header: "[Input NAME] with Type=procfs", word: "Input", type: "procfs", introducesType: true,
      note: "The counters of this host. As soon as one [Input NAME] is configured, only configured "
        + "ones are read. Two may not share a collector."),
    ManualSection(
      header: "[Input NAME] with Type=csv", word: "Input", type: "csv",
      note: "A growing table in a text file."),
    ManualSection(
      header: "[Input NAME] with Type=events", word: "Input", type: "events",
      note:
        "A growing text file in which each row is an event: an id, a time stamp and perhaps the "
        + "thread it happened in, as firmware, drivers and tracers write them. What is judged is "
        + "the order of the ids and the time between them. Each thread is a metric called NAME or "
        + "NAME.THREAD, whose value is how surprising the newest event was, in bits."),
    ManualSection(
      header: "[Input NAME] with Type=serial", word: "Input", type: "serial",
      note: "A sensor on a serial line, read as it speaks; the moment of reading is the time "
        + "stamp. The line is held exclusively; an unplugged device is looked for until it is "
        + "back."),
    ManualSection(
      header: "[Input NAME] with Type=socket", word: "Input", type: "socket",
      note: "What programs of this host send to a Unix datagram socket, one or more lines a "
        + "datagram, each in the form of StatsD with the additions of DogStatsD (name:value|type) or "
        + "in that of InfluxDB's line protocol (name,tag=value field=value timestamp). anomalyctl "
        + "send is the way from a shell."),
    ManualSection(
      header: "[Output NAME]", word: "Output", type: "file", introducesType: true,
      note: "Where events go. As soon as one [Output NAME] is configured, only configured ones are "
        + "written. Path= belongs to Type=file."),
    ManualSection(
      header: "[Output NAME] with Type=webhook", word: "Output", type: "webhook",
      note: "Messages wait in the state directory, below outbox/NAME; anomalyd-webhook(8) sends "
        + "them, again and again until the endpoint takes them. Secrets are credentials of "
        + "anomalyd-webhook.service: LoadCredential=NAME:PATH in a drop-in."),
    ManualSection(
      header: "[Metric PATTERN]", word: "Metric",
      note: "What is different for the metrics whose names match the pattern: * is any run of "
        + "characters, ? any one, [a-z] one of a set. Where several sections match and set a key, "
        + "the last one counts."),
    ManualSection(
      header: "[Silence NAME]", word: "Silence",
      note: "Times in which outputs are told nothing of events, or detectors learn nothing, such "
        + "as during a backup. Where several silences hold at a time, what one of them suppresses is "
        + "suppressed. For once, without the configuration: anomalyctl silence add."),
  ]

  /// Text that troff takes as it is: one line, no requests, no escapes.
  private static func manualText(_ text: String) -> String {
    let escaped = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
    return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped
  }
}
