extension Settings {
  /// `[Input NAME]` with `Type=serial`: a sensor on a serial line.
  public struct Serial: Equatable, Sendable {
    /// `Device=`: the line's device; absolute.
    public var device = ""
    /// `Baud=`: bits a second, 50...12,000,000.
    public var baud = 9_600
    /// `DataBits=`: 5...8.
    public var dataBits = 8
    /// `Parity=`.
    public var parity = Parity.none
    /// `StopBits=`: 1 or 2.
    public var stopBits = 1
    /// `FlowControl=`.
    public var flowControl = FlowControl.none
    /// `Framing=`: what ends a frame.
    public var framing = Framing.line
    /// `IdleGap=`: how long the line is silent between two frames, 5 ms...1 min.
    public var idleGap: Duration = .milliseconds(100)
    /// `Format=`: how a frame is written.
    public var format = SerialFormat.csv
    /// `Fields=`: names of the fields, `-` for cells to leave out; never empty for CSV.
    public var fields: [String] = []
    /// `Delimiter=`: the byte between two values or pairs; nil to find out.
    public var delimiter: UInt8?
    /// `Scale=`: units, each field once.
    public var scales: [Scale] = []
    /// `Prefix=`: what metric names begin with, before the dot; nil for the name of the input.
    /// Empty: the bare name of the field.
    public var prefix: String?
    /// `SilenceAfter=`: how long it may deliver nothing; nil (`infinity`): for ever.
    public var silenceAfter: Duration? = .seconds(900)

    /// The defaults; `device` must still be set, and `fields` for CSV.
    public init() {}

    /// How often it is looked at beside the moments when bytes arrive.
    public var interval: Duration {
      framing == .gap ? .milliseconds(100) : .seconds(1)
    }
  }

  /// `Parity=`.
  public enum Parity: String, CaseIterable, Sendable {
    /// There is no parity bit.
    case none
    /// It makes the number of ones even.
    case even
    /// It makes the number of ones odd.
    case odd
    /// It is always one.
    case mark
    /// It is always zero.
    case space
  }

  /// `FlowControl=`.
  public enum FlowControl: String, CaseIterable, Sendable {
    /// The sender is never stopped.
    case none
    /// By the wires RTS and CTS.
    case rtscts
    /// By the bytes XON and XOFF.
    case xonxoff
  }

  /// `Framing=`.
  public enum Framing: String, CaseIterable, Sendable {
    /// A line end ends a frame.
    case line
    /// Silence of `IdleGap=` ends a frame.
    case gap
  }

  /// `Format=`.
  public enum SerialFormat: String, CaseIterable, Sendable {
    /// Values with a delimiter between.
    case csv
    /// `name=value` pairs.
    case keyValue = "keyvalue"
    /// One flat JSON object.
    case json
  }

  /// One element of `Scale=`.
  public struct Scale: Equatable, Sendable {
    /// The field's name.
    public var field: String
    /// What its number is multiplied with.
    public var factor: Double
    /// What is then added.
    public var offset: Double

    /// `value * factor + offset` for `field`.
    public init(field: String, factor: Double, offset: Double = 0) {
      self.field = field
      self.factor = factor
      self.offset = offset
    }
  }
}
