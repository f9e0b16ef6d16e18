import Glibc
import Inputs
import Measuring

/// Throughput of reading a recorded table, without detection.
enum TableReading {
  static func measure(into report: inout Report, rounds: Int) {
    report.begin("tables", "CSV parsed without detection")
    for columns in [1, 52] {
      let speeds = (0..<rounds).compactMap { _ in
        speed(columns: columns, rows: columns == 1 ? 500_000 : 40_000)
      }
      let name = "\(columns) column\(columns == 1 ? "" : "s")"
      report.note(name, speeds.map { $0 / 1e6 }, "million values/s")
    }
  }

  /// Values per second from a table with this many columns of numbers after a time stamp; nil if
  /// the file cannot be written.
  private static func speed(columns: Int, rows: Int) -> Double? {
    var template = Array("/tmp/anomalyd-bench-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { return nil }
    let path = String(
      decoding: template.dropLast().map(UInt8.init(truncatingIfNeeded:)), as: UTF8.self)
    defer { unlink(path) }
    guard write(columns: columns, rows: rows, to: descriptor) else { return nil }
    let watch = Stopwatch()
    var sum = 0.0
    var values = 0
    do throws(CSVFileError) {
      var configuration = TableSection()
      configuration.timeOrder = .asRecorded
      let reader = try CSVReader(path: path, table: configuration)
      while try reader.next() {
        reader.forEachValue { _, value in
          sum += value
          values += 1
        }
      }
    } catch {
      complain("\(error)")
      return nil
    }
    guard values == columns * rows, sum.isFinite else { return nil }
    return Double(values) / (watch.microseconds * 1e-6)
  }

  private static func write(columns: Int, rows: Int, to descriptor: Int32) -> Bool {
    defer { close(descriptor) }
    var text = "timestamp" + (0..<columns).map { ",sensor_\($0)" }.joined() + "\n"
    for row in 0..<rows {
      text += "2026-01-\(10 + row % 20) 12:\(10 + row / 60 % 50):\(10 + row % 50)"
      for column in 0..<columns { text += ",\(Double((row * 37 + column * 11) % 100_000) / 1_000)" }
      text += "\n"
    }
    return text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)[...]
      while !rest.isEmpty {
        let count = Glibc.write(
          descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        guard count > 0 else { return false }
        rest = rest.dropFirst(count)
      }
      return true
    }
  }
}
