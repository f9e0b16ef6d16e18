import CommandLine
import Control
import Series

/// The trained models in the status.
extension StatusReport {
  /// One line a model.
  var models: [String] {
    (reply.models ?? []).map { model in
      let missing = model.columns.count { $0.isMissing || $0.metric == nil }
      let columns =
        HumanNumber.counted(model.columns.count, "column")
        + (missing > 0 ? " (\(missing) missing)" : "")
      let late = model.late > 0 ? ", \(HumanNumber.counted(model.late, "late sample"))" : ""
      let time =
        model.rowSeconds.map { ", \(HumanNumber.duration(seconds: $0)) each" } ?? ""
      return "  \(Layout.printable(model.metric)): \(Layout.printable(model.kind)) of \(columns), "
        + "\(HumanNumber.counted(model.rows, "row"))\(late)\(time), \(Layout.printable(model.file))"
    }
  }
}
