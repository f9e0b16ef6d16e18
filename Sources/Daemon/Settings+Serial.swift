import Config
import Inputs

extension Settings.Serial {
  func configuration(named name: String) -> SerialConfiguration {
    var result = SerialConfiguration(name: name, device: device)
    result.line.baud = baud
    result.line.dataBits = dataBits
    result.line.parity =
      switch parity {
      case .none: .none
      case .even: .even
      case .odd: .odd
      case .mark: .mark
      case .space: .space
      }
    result.line.stopBits = stopBits
    result.line.flowControl =
      switch flowControl {
      case .none: .none
      case .rtscts: .rtscts
      case .xonxoff: .xonxoff
      }
    result.framing =
      switch framing {
      case .line: .line
      case .gap: .gap(idleGap)
      }
    result.format =
      switch format {
      case .csv: .csv
      case .keyValue: .keyValue
      case .json: .json
      }
    result.fields = fields
    result.delimiter = delimiter
    for scale in scales {
      result.scales[scale.field] = SerialConfiguration.Scale(
        factor: scale.factor,
        offset: scale.offset
      )
    }
    if let prefix { result.prefix = prefix }
    return result
  }
}
