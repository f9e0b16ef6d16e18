internal import CSystemd
internal import Glibc

/// What the kernel answers to a call, and has in no file.
package struct HostCalls {
  /// The use of the filesystem that is mounted at a path; nil if there is no answer.
  package var filesystemUse: (UnsafePointer<CChar>) -> FilesystemUse?
  /// The state of the kernel's clock; nil if the process may not ask.
  package var clockState: () -> ClockState?
  /// Measures how long something takes.
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

  /// This kernel: statvfs(3), and adjtimex(2) that adjusts nothing.
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

/// What statvfs(3) says of a filesystem.
package struct FilesystemUse: Equatable {
  /// The size of a block.
  package var blockBytes: UInt64
  /// All blocks.
  package var blocks: UInt64
  /// Blocks that nothing uses.
  package var free: UInt64
  /// Those of them that programs without privileges can get.
  package var available: UInt64
  /// All inodes; 0 on filesystems that make them as they need them.
  package var inodes: UInt64
  /// Inodes that nothing uses.
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

/// What adjtimex(2) says of the clock.
package struct ClockState: Equatable {
  /// What is still to be corrected.
  package var offsetSeconds: Double
  /// The farthest that the clock can be from the right time, as the kernel reckons.
  package var maximumErrorSeconds: Double
  /// How much faster than it would the clock is made to run, in parts per million.
  package var frequencyPPM: Double
  /// Whether something keeps the clock right.
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
