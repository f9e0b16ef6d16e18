import Control
import ControlSupport
import FoundationEssentials

@testable import anomalyctl

extension FuzzTarget {
  /// Labels of recordings: windows of the Numenta Anomaly Benchmark, a table of intervals, events as the
  /// daemon lists them; the first byte chooses.
  static let labels = FuzzTarget(
    "labels", maximumBytes: 1_024,
    texts: [
      "0{\"a/b.csv\":[[\"2014-04-10 07:15:00.000000\",\"2014-04-11 16:45:00.000000\"]],\"c\":[]}",
      "1from,to,name\n2014-04-10 07:15:00,2014-04-11 16:45:00,a.csv\n1700000000,1700000100\n",
      "2" + MessageJSON.line(SampleHandler().recorded[0]),
    ]
  ) { bytes in
    guard let choice = bytes.first else { return }
    let text = Array(bytes.dropFirst())
    switch choice % 3 {
    case 0: _ = try? NABFiles.labels(text, from: "/x")
    case 1: _ = try? LabelSource.table(text, from: "/x")
    default: _ = try? JSONDecoder().decode(RecordedEventMessage.self, from: Data(text))
    }
  }
}
