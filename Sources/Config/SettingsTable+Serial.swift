extension SettingsTable {
  static let serial: [Key<Settings.Serial>] = [
    Key(
      "Device",
      \.device,
      .absolutePath,
      "The line's device; required. A link below /dev/serial/by-id stays the same wherever the "
        + "device is plugged in. The daemon must be let at it: PrivateDevices=no, DeviceAllow= and "
        + "SupplementaryGroups= in a drop-in of anomalyd.service."
    ),
    Key(
      "Baud",
      \.baud,
      .wholeNumber(50...12_000_000),
      "Bits a second, also others than the usual ones where the hardware can."
    ),
    Key("DataBits", \.dataBits, .wholeNumber(5...8), "Data bits of a character."),
    Key(
      "Parity",
      \.parity,
      .choice(),
      "The bit that guards the data bits. A line with a character that fails it is malformed."
    ),
    Key("StopBits", \.stopBits, .wholeNumber(1...2), "Stop bits after a character."),
    Key(
      "FlowControl",
      \.flowControl,
      .choice(),
      "How a sender that is too fast is stopped: by wires, by bytes, or not."
    ),
    Key(
      "Framing",
      \.framing,
      .choice(),
      "What ends a set of values: the line end, or silence of IdleGap=. The first line after opening "
        + "is left out unless the line was quiet before it, as its beginning may be missing."
    ),
    Key(
      "IdleGap",
      \.idleGap,
      .timeSpan(.milliseconds(5) ... .seconds(60)),
      "The silence that ends a set of values with Framing=gap."
    ),
    Key(
      "Format",
      \.format,
      .choice(),
      "How a set of values is written: bare values that Fields= names, name=value pairs, or one flat "
        + "JSON object. Empty lines and lines that begin with # are left out."
    ),
    Key(
      "Fields",
      \.fields,
      .fields,
      "Names of the values, each a metric of its own. Required for Format=csv, one for each value: a "
        + "line with more or fewer is malformed. Else the names that are taken; empty for every name "
        + "that was seen in three lines. A second assignment adds to the first."
    ),
    Key(
      "Delimiter",
      \.delimiter,
      .delimiter,
      "What stands between two values or pairs; auto takes the first of semicolon, tab, comma, pipe "
        + "and space that a line holds, and for pairs any of them but pipe."
    ),
    Key(
      "Scale",
      \.scales,
      .scales,
      "Units: the number of a field is multiplied with the factor, then the offset is added. A "
        + "second assignment adds to the first."
    ),
    Key(
      "Prefix",
      \.prefix,
      .prefix,
      "What metric names begin with, before a dot and the name of the field. Default: NAME of the "
        + "section; \"\" for none."
    ),
    .silenceAfter("Sensors that speak more rarely need more."),
  ]
}
