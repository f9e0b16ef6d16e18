/// The parsed values of one file.
package protocol ProcfsReading {
  /// Overwrites all values from `bytes`, the whole text of the file, and nothing else. A value that
  /// is missing or malformed is nil afterwards.
  mutating func parse(_ bytes: UnsafeRawBufferPointer, _ complaints: inout Complaints)
}

/// A file that is read and parsed once per poll, however many collectors use it.
final class ProcfsSource<Reading: ProcfsReading> {
  private let file: ProcfsFile
  private var reading: Reading
  private var isValid = false
  private var poll = 0

  init(_ file: ProcfsFile, _ empty: Reading) {
    self.file = file
    reading = empty
  }

  /// The file's path.
  var path: String { file.path }

  /// Whether this kernel does not have the file; only for optional ones.
  var isAbsent: Bool { file.isAbsent }

  /// The file's values at this poll; nil if it cannot be read.
  func reading(_ tick: ProcfsTick) -> Reading? {
    if poll != tick.number {
      poll = tick.number
      isValid = false
      if let bytes = file.read(tick) {
        var complaints = Complaints()
        reading.parse(bytes, &complaints)
        file.report(complaints, tick)
        isValid = true
      }
    }
    return isValid ? reading : nil
  }
}
