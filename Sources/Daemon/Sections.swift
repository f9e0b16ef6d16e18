public import Config
public import Inputs
public import Outputs
import Series

extension SectionTypes {
  /// The available inputs and outputs, each with the section that configures it.
  public static let all = SectionTypes(inputs: inputSections, outputs: outputSections)

  private static let inputSections: [any InputSection.Type] = [
    ProcfsSection.self,
    TableSection.self,
    TraceSection.self,
    SerialSection.self,
    SocketSection.self,
  ]

  private static let outputSections: [any OutputSection.Type] = [
    JournalSection.self,
    FileSection.self,
    TerminalSection.self,
    WebhookSection.self,
  ]
}

extension Settings.Component {
  /// The section of an input of ``SectionTypes/all``.
  public var input: any InputSection {
    guard let section = section as? any InputSection else {
      preconditionFailure("Type=\(typeName) is listed as an input and makes none")
    }
    return section
  }

  /// The section of an output of ``SectionTypes/all``.
  public var output: any OutputSection {
    guard let section = section as? any OutputSection else {
      preconditionFailure("Type=\(typeName) is listed as an output and makes none")
    }
    return section
  }
}

extension InputRhythm {
  /// In words.
  var text: String {
    switch self {
    case .every(let interval): "every \(HumanNumber.duration(interval))"
    case .asSent: "as it speaks"
    case .summedUp(let interval): "summed up every \(HumanNumber.duration(interval))"
    }
  }
}
