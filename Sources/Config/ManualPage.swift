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
      The syntax is that of \\fBsystemd.syntax\\fR(7): sections in brackets, one assignment a line,
      comments after # or ; at the beginning of a line, a backslash at the end of a line
      continues it on the next one. A section may be repeated, in other files too. A later assignment wins over an
      earlier one; an empty one restores the default, and clears a list. The first assignment of
      a list replaces its default, further ones add to it.
      .PP
      The main file is the first that exists of anomalyd/anomalyd.conf under /etc, /run,
      /usr/local/lib and /usr/lib. Then come the drop\\-ins of all four directories in the order of
      their names; of two with the same name the one in the earlier directory is read, and a link to
      /dev/null there hides the other. With no file at all this host is watched, and events go to the
      journal.
      .PP
      An unknown section or key, or a value that its key does not take, makes the configuration invalid
      as a whole: all errors are reported with file and line, and the daemon exits with code 78, or on
      a reload keeps the configuration it has. \\fBanomalyd \\-\\-check\\fR shows them without starting
      anything.

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

  /// Text that troff takes as it is: one line, no requests, no escapes.
  private func manualText(_ text: String) -> String {
    let escaped = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
    return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped
  }
}
