import FoundationEssentials
import Glibc

/// Requirements of tests that not every machine meets. A test states one as `.enabled(if:
/// Needs.root.isMet, "\(Needs.root)")`; `Tests/Skips` holds how many may skip for each.
public enum Needs: String, CustomStringConvertible, Sendable {
  /// Real series, in a folder beside the project.
  case sharedData = "needs ../shared, which holds real series"
  /// Becoming another user.
  case root = "needs root"
  /// Being refused what root may do.
  case unprivilegedUser = "needs a user other than root"
  /// Mounting a file system.
  case mounting = "needs the right to mount a tmpfs"
  /// Optimised code: unoptimised code puts closures and boxes on the heap, and takes minutes if a
  /// test learns from thousands of samples.
  case optimisation = "needs optimised code: swift test -c release"
  /// systemd's own calendar.
  case systemdAnalyze = "needs systemd-analyze, package systemd"
  /// An independent Varlink client and an independent parser of metrics.
  case pythonPackages = "needs varlink and prometheus_client from PyPI: make deps"
  /// A kernel that counts soft interrupts.
  case softInterrupts = "needs /proc/softirqs"

  /// The message of a skipped test.
  public var description: String { rawValue }

  /// Whether this machine has it.
  public var isMet: Bool {
    switch self {
    case .sharedData: SharedData.has("data")
    case .root: geteuid() == 0
    case .unprivilegedUser: geteuid() != 0
    case .mounting: Needs.canMount
    case .optimisation: !_isDebugAssertConfiguration()
    case .systemdAnalyze: access("/usr/bin/systemd-analyze", X_OK) == 0
    case .pythonPackages: access(Needs.python, X_OK) == 0
    case .softInterrupts: access("/proc/softirqs", R_OK) == 0
    }
  }

  /// The interpreter that has these packages.
  public static let python = SharedData.projectRoot + "/.build/varlink/bin/python"

  private static let canMount: Bool = {
    let scratch = Scratch()
    guard mount("tmpfs", scratch.path, "tmpfs", 0, "size=4k") == 0 else { return false }
    umount2(scratch.path, Int32(MNT_DETACH))
    return true
  }()
}
