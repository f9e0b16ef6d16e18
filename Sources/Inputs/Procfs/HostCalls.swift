internal import CSystemd
internal import Glibc

/// Kernel data available only by system call.
package struct HostCalls {
  /// The usage of the filesystem mounted at a path; nil if the call fails.
  package var filesystemUse: (UnsafePointer<CChar>) -> FilesystemUse?
  /// The state of the kernel's clock; nil if the process may not read it.
  package var clockState: () -> ClockState?
  /// Measures how long `body` takes.
  package var stopwatch: () -> Duration

  package init(
    filesystemUse: @escaping (UnsafePointer<CChar>) -> FilesystemUse?,
    clockState: @escaping () -> ClockState?,
    stopwatch: @escaping () -> Duration = ProcfsInput.monotonicTime
  ) {
    self.filesystemUse = filesystemUse
    self.clockState = clockState
    self.stopwatch = stopwatch
  }

  /// The real kernel: statvfs(3), and adjtimex(2) without adjusting anything.
  package static var kernel: HostCalls {
    HostCalls(filesystemUse: askFilesystem, clockState: askClock)
  }

  private static func askFilesystem(_ path: UnsafePointer<CChar>) -> FilesystemUse? {
    var answer = statvfs()
    guard statvfs(path, &answer) == 0 else { return nil }
    return FilesystemUse(
      blockBytes: UInt64(answer.f_frsize),
      blocks: UInt64(answer.f_blocks),
      free: UInt64(answer.f_bfree),
      available: UInt64(answer.f_bavail),
      inodes: UInt64(answer.f_files),
      freeInodes: UInt64(answer.f_ffree)
    )
  }

  private static func askClock() -> ClockState? {
    var answer = timex()
    guard adjtimex(&answer) >= 0 else { return nil }
    let unit = answer.status & STA_NANO != 0 ? 1e-9 : 1e-6
    return ClockState(
      offsetSeconds: Double(answer.offset) * unit,
      maximumErrorSeconds: Double(answer.maxerror) * 1e-6,
      frequencyPPM: Double(answer.freq) / 65536,
      isSynchronised: answer.status & STA_UNSYNC == 0
    )
  }
}

/// The result of statvfs(3).
package struct FilesystemUse: Equatable {
  /// Block size in bytes.
  package var blockBytes: UInt64
  /// Total number of blocks.
  package var blocks: UInt64
  /// Free blocks.
  package var free: UInt64
  /// Free blocks available to unprivileged programs.
  package var available: UInt64
  /// Total number of inodes; 0 on filesystems that create them on demand.
  package var inodes: UInt64
  /// Free inodes.
  package var freeInodes: UInt64

  package init(
    blockBytes: UInt64,
    blocks: UInt64,
    free: UInt64,
    available: UInt64,
    inodes: UInt64,
    freeInodes: UInt64
  ) {
    self.blockBytes = blockBytes
    self.blocks = blocks
    self.free = free
    self.available = available
    self.inodes = inodes
    self.freeInodes = freeInodes
  }
}

/// The result of adjtimex(2).
package struct ClockState: Equatable {
  /// The remaining correction.
  package var offsetSeconds: Double
  /// The kernel's estimate of the maximum deviation from true time.
  package var maximumErrorSeconds: Double
  /// The frequency correction in parts per million.
  package var frequencyPPM: Double
  /// Whether the clock is disciplined.
  package var isSynchronised: Bool

  package init(
    offsetSeconds: Double,
    maximumErrorSeconds: Double,
    frequencyPPM: Double,
    isSynchronised: Bool
  ) {
    self.offsetSeconds = offsetSeconds
    self.maximumErrorSeconds = maximumErrorSeconds
    self.frequencyPPM = frequencyPPM
    self.isSynchronised = isSynchronised
  }
}
