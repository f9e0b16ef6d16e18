/// What a file reports about one device at one moment.
package struct DeviceRow {
  /// The device's name, 1...``maximumNameLength`` bytes, valid as long as the file's text is.
  package var name: UnsafeRawBufferPointer
  /// Its counters, in the order of ``DeviceRows/metrics``.
  package var counters = InlineArray<8, UInt64>(repeating: 0)
  /// The name of the device in the same file that it is a part of, if any.
  package var whole: UnsafeRawBufferPointer?

  /// Names of disks have at most 31 bytes, of interfaces 15; interrupt names are cut to this.
  package static let maximumNameLength = 64
}

/// The rows of a file with one device per line.
package protocol DeviceRows {
  /// What names of the devices' metrics begin with, and the word in `Collectors=`.
  static var prefix: String { get }
  /// The file, below the root.
  static var path: String { get }
  /// Which devices are wanted.
  static func filter(of section: ProcfsSection) -> NameFilter
  /// How far off an event must be.
  static var leastDeviations: [LeastDeviation] { get }
  /// The metrics of each device, at most 8.
  static var metrics: [CounterMetric] { get }

  /// The rows of a whole file.
  init(_ bytes: UnsafeRawBufferPointer)
  /// The next row; nil at the end. Malformed lines are recorded as complaints and skipped.
  mutating func next(_ complaints: inout Complaints) -> DeviceRow?
}
