public import Config

/// `[Input NAME]` with `Type=serial`: a sensor on a serial line.
public struct SerialSection: InputSection {
  /// `Type=`.
  public static let typeName = "serial"
  /// What it is.
  public static let summary = "a sensor on a serial line"
  /// The manual's introduction.
  public static let manual =
    "A sensor on a serial line, read continuously; the time of reading is the time stamp. The "
    + "line is locked for exclusive use; if the device is unplugged, the daemon waits for it to "
    + "return."

  /// `Framing=`: the end of a frame, the unit that is read as one set of values.
  public enum Framing: String, CaseIterable, Sendable {
    /// A line end: LF, CR or both.
    case line
    /// A pause of `IdleGap=`. For senders without line ends whose pauses are much longer than the
    /// daemon may be busy with something else.
    case gap
  }

  /// `Format=`: the format of a frame.
  public enum Format: String, CaseIterable, Sendable {
    /// Values separated by a delimiter, named by ``SerialSection/fields``.
    case csv
    /// `name=value` pairs separated by delimiters.
    case keyValue = "keyvalue"
    /// One flat JSON object.
    case json
  }

  /// One element of `Scale=`.
  public struct Scale: Equatable, Sendable {
    /// The field's name.
    public var field: String
    /// The factor for its number.
    public var factor: Double
    /// The offset added afterwards, in the resulting unit.
    public var offset: Double

    /// `value * factor + offset` for `field`.
    public init(field: String, factor: Double, offset: Double = 0) {
      self.field = field
      self.factor = factor
      self.offset = offset
    }
  }

  /// `Device=`: the device, such as `/dev/ttyUSB0` or a link below `/dev/serial/by-id`.
  public var device = ""
  /// `Baud=`, `DataBits=`, `Parity=`, `StopBits=` and `FlowControl=`.
  public var line = SerialLine()
  /// `Framing=`: what ends a frame.
  public var framing = Framing.line
  /// `IdleGap=`: how long the line is quiet between two frames, 5 ms...1 min.
  public var idleGap: Duration = .milliseconds(100)
  /// `Format=`: the format of a frame.
  public var format = Format.csv
  /// `Fields=`: names of the fields. For CSV one for each cell, `-` for cells to skip; a frame with
  /// another number of cells is malformed. Otherwise the names to read; empty for every name that
  /// has been seen in three frames, so that a flipped bit in a name does not create a metric.
  public var fields: [String] = []
  /// `Delimiter=`: the byte between values or pairs; nil for the first of semicolon, tab, comma,
  /// pipe and space that a frame contains.
  public var delimiter: UInt8?
  /// `Scale=`: units, each field once.
  public var scales: [Scale] = []
  /// `Prefix=`: the prefix of metric names, before a dot and the field's name; empty for none, nil
  /// for the name of the input.
  public var prefix: String?
  /// `StallAfter=`: how long it may deliver nothing; nil (`infinity`): forever.
  public var stallAfter: Duration? = .seconds(900)

  /// How long a kind of problem must not recur before its next occurrence is reported again.
  public var quietPeriod = Duration.seconds(300)

  /// The defaults; `device` must still be set, and `fields` for CSV.
  public init() {}

  /// How often the line is checked in addition to when bytes arrive.
  public var interval: Duration { framing == .gap ? .milliseconds(100) : .seconds(1) }
  /// The device and its speed.
  public var subject: String { "\(device) at \(line.baud) baud" }
  /// As the sensor sends.
  public var rhythm: InputRhythm { .asSent }
  /// Long enough for most sensors.
  public var trialPlan: InputTrialPlan { .listening(.seconds(5)) }

  /// The input `name`.
  public func make(name: String) -> any Input { SerialInput(name: name, configuration: self) }

  /// The device is required, and so are field names if frames have none.
  public func check(_ check: inout SectionCheck) {
    check.require(
      "Device", isMissing: device.isEmpty, expected: "the absolute path of the line's device")
    if format == .csv {
      check.require(
        "Fields", isMissing: fields.isEmpty,
        expected: "a name for each value, since Format=csv has none")
    }
    guard !fields.isEmpty else { return }
    if fields.allSatisfy({ $0 == "-" }) { check.refuse("Fields", expected: "a name beside -") }
    if let stray = scales.first(where: { !fields.contains($0.field) }) {
      check.refuse("Scale", expected: "fields listed in Fields=", found: stray.field)
    }
  }

  /// A serial line has one reader.
  public func conflict(with earlier: SerialSection) -> SectionConflict? {
    guard device == earlier.device, !device.isEmpty else { return nil }
    return SectionConflict(key: "Device", reason: "both read \(device)")
  }

  /// The keys.
  public static let keys: [Key<SerialSection>] = [
    Key(
      "Device",
      \.device,
      .absolutePath,
      "The serial device; required. A link below /dev/serial/by-id stays the same no matter where "
        + "the device is plugged in. The daemon needs access to it: PrivateDevices=no, "
        + "DeviceAllow= and SupplementaryGroups= in a drop-in for anomalyd.service.",
      example: "/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0"
    ),
    Key(
      "Baud",
      \.line.baud,
      .wholeNumber(50...12_000_000),
      "Baud rate; non-standard rates work if the hardware supports them."
    ),
    Key("DataBits", \.line.dataBits, .wholeNumber(5...8), "Data bits per character."),
    Key(
      "Parity",
      \.line.parity,
      .choice(),
      "Parity. A line that contains a parity error is malformed."
    ),
    Key("StopBits", \.line.stopBits, .wholeNumber(1...2), "Stop bits per character."),
    Key(
      "FlowControl",
      \.line.flowControl,
      .choice(),
      "Flow control: hardware (RTS/CTS), software (XON/XOFF), or none."
    ),
    Key(
      "Framing",
      \.framing,
      .choice(),
      "The end of a record: a line break, or a pause of IdleGap=. The first line after opening is "
        + "skipped, as its beginning may be missing, unless a pause preceded it."
    ),
    Key(
      "IdleGap",
      \.idleGap,
      .timeSpan(.milliseconds(5) ... .seconds(60)),
      "The pause that ends a record with Framing=gap."
    ),
    Key(
      "Format",
      \.format,
      .choice(),
      "The format of a record: bare values named by Fields=, name=value or name: value pairs, or "
        + "one flat JSON object. A unit after a number, as in 21.5 C, is ignored once it has been "
        + "seen three times; any other unit makes the line malformed. Empty lines and lines that "
        + "begin with # are skipped."
    ),
    Key(
      "Fields",
      \.fields,
      SerialSyntax.fields,
      "Names of the values, each a separate metric. With Format=csv, required for every value: a "
        + "line with more or fewer is malformed. Otherwise, the names to read; empty for every "
        + "name that was seen in three lines. A second assignment adds to the first.",
      example: "temperature pressure"
    ),
    Key(
      "Delimiter",
      \.delimiter,
      TextSyntax.delimiter,
      "The delimiter of values or pairs; auto picks the first of semicolon, tab, comma, pipe and "
        + "space that splits a line into as many values as there are names, and for pairs any of "
        + "them except pipe. A comma that is not the delimiter may be a decimal point."
    ),
    Key(
      "Scale",
      \.scales,
      SerialSyntax.scales,
      "Unit conversion: the value of a field is multiplied by the factor, then the offset is "
        + "added. A second assignment adds to the first.",
      example: "temperature:0.1:-40"
    ),
    Key(
      "Prefix",
      \.prefix,
      TextSyntax.prefix,
      "Prefix of metric names, before a dot and the name of the field. Default: NAME of the "
        + "section; \"\" for none.",
      example: "plant1"
    ),
    .stallAfter("Sensors that send less often need a higher value."),
  ]
}

/// The syntax of fields and units.
private enum SerialSyntax {
  /// Names of fields, each once; `-` as often as needed.
  static let fields = ValueSyntax<[String]>(
    expectation:
      "at most \(SerialLimits.fields) distinct names of letters, digits and _ . - / %, separated "
      + "by white space, or - for a value to skip",
    emptied: [],
    adding: { $0 + $1 }
  ) { text in
    guard let words = Words.split(text)?.map(\.text), words.count <= SerialLimits.fields,
      words.allSatisfy(isFieldName)
    else { return nil }
    let names = words.filter { $0 != "-" }
    return Set(names).count == names.count ? words : nil
  } format: { fields in
    fields.map { Words.format($0) }.joined(separator: " ")
  }

  /// Words `field:factor` or `field:factor:offset`.
  static let scales = ValueSyntax<[SerialSection.Scale]>(
    expectation: "field:factor or field:factor:offset, separated by white space, such as "
      + "temperature:0.1:-40",
    emptied: [],
    adding: { $0 + $1 }
  ) { text in
    guard let words = Words.split(text), words.count <= SerialLimits.fields else {
      return nil
    }
    let scales = words.compactMap { SerialSection.Scale($0.text) }
    return scales.count == words.count && Set(scales.map(\.field)).count == scales.count
      ? scales : nil
  } format: { scales in
    scales.map(\.text).joined(separator: " ")
  }
}

extension SerialSection.Scale {
  /// `field:factor` or `field:factor:offset`; nil for anything else, and for a factor of 0.
  fileprivate init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2 || parts.count == 3, isFieldName(String(parts[0])), parts[0] != "-",
      let factor = Double(parts[1]), factor.isFinite, factor != 0,
      let offset = parts.count == 3 ? Double(parts[2]) : 0, offset.isFinite
    else { return nil }
    self.init(field: String(parts[0]), factor: factor, offset: offset)
  }

  fileprivate var text: String {
    "\(field):\(factor)" + (offset == 0 ? "" : ":\(offset)")
  }
}

/// Whether a text can be the name of a field as accepted by the serial input.
private func isFieldName(_ text: String) -> Bool {
  (1...64).contains(text.utf8.count)
    && text.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2E, 0x2D, 0x2F, 0x25: true
      default: false
      }
    }
}
