import Daemon
import Series

@testable import Config

extension FuzzTarget {
  /// Configuration files; what is good reads back from its own description.
  static let settings = FuzzTarget(
    "settings", maximumBytes: 1_024,
    texts: [
      "[Agent]\nMaximumMetrics=100\nCheckpointInterval=1h 30min\n[Detector]\nSeed=7\n",
      "[Input a]\nType=csv\nPath=/x\nValueColumns=a \"b c\" 3\n TimestampFormat=%d.%m.%Y\n",
      "[Input s]\nType=serial\nDevice=/dev/x\nFields=a - b\nScale=a:0.1:-40\nDelimiter=;\n",
      "[Input n]\nType=socket\nSocketMode=0660\nTags=a b\nForgetAfter=infinity\nPrefix=\"\"\n",
      "# c\n; c\n[Metric disk.*]\nIgnore=yes\nAlarmBudget=1e4\\\n\n[Output o]\nType=file\nPath=/y\n",
    ]
  ) { bytes in
    guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else { return }
    guard let settings = read(text) else { return }
    let described = settings.describe()
    guard let again = read(described) else {
      return promise(false, "a description is good: \(described)")
    }
    promise(again.describe() == described, "a description reads back: \(described)")
  }

  /// The settings of a text; nil where there is an error, which is put into words.
  private static func read(_ text: String) -> Settings? {
    var syntax = SyntaxReader()
    syntax.read(text, file: "/x")
    var interpreter = Interpreter(.all, defaults: Settings(.all))
    for section in syntax.sections { interpreter.take(section) }
    let errors = syntax.errors + interpreter.finish()
    guard errors.isEmpty else {
      _ = SettingsErrors(errors).description
      return nil
    }
    return interpreter.settings
  }
}
