/// File descriptors of all processes: `files.open`, and as a share of the kernel's limit,
/// `files.used_ratio`. There is no share if the limit is practically infinite, as on newer kernels.
final class FilesCollector: Collector {
  static let word = "files"
  static let leastDeviations = [
    LeastDeviation("files.open", 200),
    LeastDeviation("files.used_ratio", 0.02),
  ]

  /// A larger limit means unlimited.
  private static let largestLimit: Int64 = 1 << 40

  private let source: ProcfsSource<NumbersReading>
  private var open = MetricSlot("files.open")
  private var usedRatio = MetricSlot("files.used_ratio")

  init(_ host: CollectorHost) {
    source = ProcfsSource(host.file("proc/sys/fs/file-nr"), NumbersReading(3))
  }

  func collect(_ tick: ProcfsTick) {
    guard let numbers = source.reading(tick), let allocated = numbers[0], let unused = numbers[1],
      let limit = numbers[2], unused >= 0, allocated >= unused
    else { return }
    tick.deliver(Double(allocated - unused), to: &open)
    if (1...FilesCollector.largestLimit).contains(limit) {
      tick.deliver(Double(allocated - unused) / Double(limit), to: &usedRatio)
    }
  }
}
