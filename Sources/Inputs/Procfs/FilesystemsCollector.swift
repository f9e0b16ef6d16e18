internal import Glibc
import Series

/// Usage of local filesystems: `filesystem./.used_ratio`, `filesystem./.available_bytes`,
/// `filesystem./.inodes_used_ratio`, `filesystem./.read_only`, and `filesystem./.hours_left` until it
/// is full.
///
/// A filesystem that is unmounted loses its metrics until it is mounted again.
final class FilesystemsCollector: Collector {
  static let word = "filesystem"
  static let leastDeviations = [
    LeastDeviation("filesystem.*_ratio", 0.01),
    LeastDeviation("filesystem.*_bytes", 100e6),
  ]

  private final class Filesystem {
    let path: [CChar]
    var mount: Mount
    var usedRatio: MetricSlot
    var available: MetricSlot
    var inodesUsedRatio: MetricSlot
    var readOnly: MetricSlot
    var hoursLeft: MetricSlot
    var trend = FillTrend()

    init(_ mount: Mount, below root: String) {
      self.mount = mount
      let path = root == "/" ? mount.point : mount.point == "/" ? root : root + mount.point
      self.path = path.utf8.map { CChar(truncatingIfNeeded: $0) } + [0]
      let prefix = "filesystem.\(mount.point)."
      usedRatio = MetricSlot(prefix + "used_ratio")
      available = MetricSlot(prefix + "available_bytes")
      inodesUsedRatio = MetricSlot(prefix + "inodes_used_ratio")
      readOnly = MetricSlot(prefix + "read_only")
      hoursLeft = MetricSlot(prefix + "hours_left")
    }
  }

  private let file: ProcfsFile
  private let root: String
  private let filter: NameFilter
  private let maximum: Int
  private let use: (UnsafePointer<CChar>) -> FilesystemUse?
  private var text: [UInt8] = []
  private var complaints = Complaints()
  private var filesystems: [Filesystem] = []
  private var reportedMaximum = false

  init(_ host: CollectorHost) {
    let root = host.root
    // Paths are as seen by this process; below another root, as seen by that host's first process.
    file = host.file(root == "/" ? "proc/self/mountinfo" : "proc/1/mountinfo")
    self.root = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
    filter = host.section.filesystems
    maximum = host.maximumDevices
    use = host.calls.filesystemUse
  }

  func collect(_ tick: ProcfsTick) {
    guard let bytes = file.read(tick) else { return }
    if !isKnown(bytes) { takeUp(bytes, tick) }
    file.report(complaints, tick)
    for filesystem in filesystems { deliver(filesystem, tick) }
  }

  private func isKnown(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard text.count == bytes.count, let base = bytes.baseAddress else { return false }
    return text.withUnsafeBytes { known in
      known.baseAddress.map { memcmp($0, base, bytes.count) == 0 } ?? false
    }
  }

  /// Rebuilds the list after a mount, unmount or remount.
  private func takeUp(_ bytes: UnsafeRawBufferPointer, _ tick: ProcfsTick) {
    text.removeAll(keepingCapacity: true)
    text.append(contentsOf: bytes)
    complaints = Complaints()
    let mounts = MountTable.parse(bytes, &complaints)
    let wanted = mounts.filter { mount in
      (mount.kind == .storage || !filter.include.isEmpty) && filter.wants(mount.point)
    }
    if wanted.count > maximum, !reportedMaximum {
      reportedMaximum = true
      tick.notify(
        .warning,
        "\(file.path): expected at most \(maximum) filesystems to watch, found more, the first of "
          + "them \(wanted[maximum].point); those are not watched"
      )
    }
    filesystems = wanted.prefix(maximum).map { mount in
      let known = filesystems.first {
        $0.mount.point == mount.point && $0.mount.device == mount.device
      }
      known?.mount = mount
      return known ?? Filesystem(mount, below: root)
    }
  }

  /// The ratio is that of df(1): of the space available to unprivileged programs.
  private func deliver(_ filesystem: Filesystem, _ tick: ProcfsTick) {
    guard let answer = filesystem.path.withUnsafeBufferPointer({ $0.baseAddress.flatMap(use) }),
      answer.blocks > 0, answer.free <= answer.blocks
    else { return }
    let used = Double(answer.blocks - answer.free)
    let usable = used + Double(answer.available)
    if usable > 0 {
      tick.deliver(used / usable, to: &filesystem.usedRatio)
      filesystem.trend.note(Double(answer.available) / usable, at: tick.instant)
      if let hours = filesystem.trend.hoursLeft { tick.deliver(hours, to: &filesystem.hoursLeft) }
    }
    tick.deliver(Double(answer.available) * Double(answer.blockBytes), to: &filesystem.available)
    if answer.inodes > 0, answer.freeInodes <= answer.inodes {
      let inodes = Double(answer.inodes - answer.freeInodes) / Double(answer.inodes)
      tick.deliver(inodes, to: &filesystem.inodesUsedRatio)
    }
    tick.deliver(filesystem.mount.isReadOnly ? 1 : 0, to: &filesystem.readOnly)
  }
}

/// How fast a filesystem has filled in the last half hour, and when it would be full.
struct FillTrend {
  /// Long enough that one copied file says little, short enough that a runaway log is noticed.
  private static let window: Duration = .seconds(1800)
  private static let period: Duration = .seconds(60)
  /// The largest reported value, in hours.
  private static let most = 10_000.0
  /// While more than this share is available, there is no urgency.
  private static let plenty = 0.4

  private var shares: [(instant: Duration, available: Double)] = []
  private var newest = 1.0

  /// Records the available share.
  mutating func note(_ available: Double, at instant: Duration) {
    newest = available
    guard shares.last.map({ instant - $0.instant >= FillTrend.period }) ?? true else { return }
    // One more than the window, so that it is covered.
    if shares.count > 1, instant - shares[1].instant >= FillTrend.window { shares.removeFirst() }
    if shares.isEmpty { shares.reserveCapacity(33) }
    shares.append((instant, available))
  }

  /// Hours until nothing is available at the rate of the last half hour; nil until that is known.
  var hoursLeft: Double? {
    guard let first = shares.first, let last = shares.last,
      last.instant - first.instant >= FillTrend.window
    else { return nil }
    let hours = (last.instant - first.instant).inSeconds / 3600
    let pace = (first.available - newest) / hours
    guard pace > 0, newest <= FillTrend.plenty else { return FillTrend.most }
    return min(newest / pace, FillTrend.most)
  }
}
