extension SectionTypes {
  /// The text of the manual page anomalyd.conf(5), in the macros of man(7).
  public var manualPage: String {
    var page = """
      .\\" Generated: see Sources/Config/ManualPage.swift.
      .TH ANOMALYD.CONF 5 "" anomalyd
      .SH NAME
      anomalyd.conf \\- configuration of the anomaly detector anomalyd
      .SH SYNOPSIS
      .nf
      /etc/anomalyd/anomalyd.conf
      /etc/anomalyd/anomalyd.conf.d/*.conf
      .fi
      .SH DESCRIPTION
      The syntax is that of \\fBsystemd.syntax\\fR(7): sections in brackets, one assignment per line,
      comments after # or ; at the beginning of a line; a backslash at the end of a line
      continues it on the next one. A section may be repeated, including in other files. Later assignments
      override earlier ones; an empty one restores the default, or clears a list. The first assignment
      of a list replaces its default, further ones add to it.
      .PP
      The main file is the first of anomalyd/anomalyd.conf under /etc, /run, /usr/local/lib and
      /usr/lib that exists. The drop\\-ins of all four directories follow, sorted by name; of two with
      the same name, the one in the earlier directory is used, and a link to /dev/null masks the
      others. Without any file, the daemon monitors this host and writes events to the journal.
      .PP
      An unknown section or key, or an invalid value, makes the configuration invalid as a whole: all
      errors are reported with file and line, and the daemon exits with code 78, or on a reload keeps
      its current configuration. \\fBanomalyd \\-\\-check\\fR reports them without starting anything.

      """
    for section in pages {
      page += ".SH \"\(section.title)\"\n\(manualText(section.manual))\n"
      for key in section.keys where !(key.name == "Type" && key.help.isEmpty) {
        page += ".TP\n\\fB\(key.name)=\\fR\n\(manualText(key.help))\n"
        page += manualText("Takes \(key.expectation).") + "\n"
        page +=
          manualText(
            key.defaultText.isEmpty ? "Example: \(key.example)" : "Default: \(key.defaultText)")
          + "\n"
      }
    }
    return page + """
      .SH FILES
      /etc/anomalyd/anomalyd.conf as installed shows every key with its default.
      .SH SEE ALSO
      \\fBanomalyd\\fR(8), \\fBanomalyctl\\fR(1), \\fBsystemd.syntax\\fR(7), \\fBsystemd.time\\fR(7)

      """
  }

  /// Text that troff takes literally: one line, no requests, no escapes.
  private func manualText(_ text: String) -> String {
    let escaped = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
    return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped
  }
}
