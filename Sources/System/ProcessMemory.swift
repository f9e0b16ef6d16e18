import CSystemd

/// The memory of this process.
public enum ProcessMemory {
  /// Keeps secrets in it from core dumps, which a handler in `core_pattern` may receive in spite of
  /// `LimitCORE=0`, and from other processes of the same user: `/proc/PID/mem` and `environ` then
  /// belong to root.
  public static func forbidDumps() { _ = forbid_memory_dumps() }
}
