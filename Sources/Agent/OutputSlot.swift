import Outputs
import Settings

/// One output and the section that it was made from.
struct OutputSlot {
  /// Nil for an output that no section asked for, such as the terminal in the foreground.
  let settings: Settings.Output?
  let output: any Output

  /// `Type=`.
  var typeName: String { settings?.typeName ?? "terminal" }
}
