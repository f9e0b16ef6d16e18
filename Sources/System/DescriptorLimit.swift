import Glibc

/// How many descriptors this process may have open (`RLIMIT_NOFILE`), and how many of them may be
/// used for files that users select by patterns. The rest is a reserve: control clients, the
/// journal and checkpoints must work however many files match.
public struct DescriptorLimit: Equatable, Sendable, CustomStringConvertible {
  /// The process's limit.
  package let total: Int

  /// A limit of `total` descriptors.
  package init(total: Int) {
    self.total = total
  }

  /// The limit in force.
  package static var current: DescriptorLimit {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
      return DescriptorLimit(total: 1024)
    }
    return DescriptorLimit(total: Int(clamping: limit.rlim_cur))
  }

  /// The descriptors that followed files must leave: 128, or half of a very low limit.
  package var reserve: Int { min(128, total / 2) }

  /// Such as `this process may open 1024 files (LimitNOFILE=), 128 of which are reserved`.
  public var description: String {
    "this process may open \(total) files (LimitNOFILE=), \(reserve) of which are reserved"
  }

  /// How many descriptors may be open once a followed file is: the kernel assigns the lowest free
  /// number, so a file whose number is not below this one would use up the reserve.
  package var forFiles: Int { total - reserve }

  /// How many more files may be opened now, excluding the reserve; 0 or less if none.
  package var filesLeft: Int {
    // The lowest free number tells how many are in use, as long as there are no holes.
    guard let probe = try? Descriptor(opening: "/dev/null", O_RDONLY) else { return 0 }
    return forFiles - Int(probe.number)
  }

  /// Raises the soft limit to the hard limit. The soft limit is low only for programs that use
  /// select(2), which this one does not (systemd.exec(5), LimitNOFILE=).
  /// - Returns: the resulting limit.
  @discardableResult
  package static func raise() -> DescriptorLimit {
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    if getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max {
      limit.rlim_cur = limit.rlim_max
      // Denied by a system call filter: the limit stays as the service manager set it.
      _ = setrlimit(resource, &limit)
    }
    return current
  }
}
