/// Metrics of the default collectors that are only shown: no detector judges them, since others
/// carry the same or better information, or nobody would act on them. All others have a row in
/// `HostLimit.all`.
package enum ShownMetrics {
  /// By the names of metrics, with the reason for people.
  package static let all: [(pattern: String, reason: String)] =
    group(
      "a part of `cpu.busy`", "cpu.user", "cpu.nice", "cpu.system", "cpu.irq", "cpu.softirq",
      "cpu.guest")
    + group("what `cpu.busy` leaves", "cpu.idle")
    + group(
      "depends on which processor happens to be idle: `pressure.io` measures it", "cpu.iowait")
    + group("follow `load.1m`", "load.5m", "load.15m")
    + group("`memory.used_ratio` in bytes", "memory.used_bytes", "memory.available_bytes")
    + group(
      "cache that is reclaimed on demand: low or high on any healthy host", "memory.free_bytes",
      "memory.buffers_bytes", "memory.cached_bytes", "memory.active_bytes", "memory.inactive_bytes")
    + group(
      "a part of `memory.used_ratio`", "memory.anonymous_bytes", "memory.mapped_bytes",
      "memory.shared_bytes", "memory.slab_*", "memory.kernel_stack_bytes",
      "memory.page_tables_bytes")
    + group(
      "waits for disks, as `disk.` and `pressure.io` show", "memory.dirty_bytes",
      "memory.writeback_bytes")
    + group("requested, whether it is ever used or not", "memory.committed_bytes")
    + group(
      "the faults that cost time are `memory.major_faults_per_second`",
      "memory.faults_per_second")
    + group("the time it costs is in `pressure.memory`", "memory.*_scans_per_second")
    + group("`swap.used_ratio` in bytes", "swap.used_bytes")
    + group(
      "the bytes, latency and utilisation of the disk show the same", "disk.*.reads_per_second",
      "disk.*.writes_per_second", "disk.*.queue")
    + group("`filesystem.PATH.used_ratio` in bytes", "filesystem.*.available_bytes")
    + group(
      "follow `network.INTERFACE.*_bytes_per_second`", "network.*_packets_per_second",
      "tcp.received_segments_per_second", "tcp.sent_segments_per_second")
    + group(
      "follow `tcp.retransmitted_segments_per_second`", "tcp.timeouts_per_second",
      "tcp.receive_errors_per_second")
    + group(
      "programs open and close connections as they please", "tcp.opened_connections_per_second",
      "tcp.reset_connections_per_second")
    + group(
      "follow `udp.received_datagrams_per_second`, or are harmless",
      "udp.sent_datagrams_per_second", "udp.unwanted_datagrams_per_second",
      "udp.receive_errors_per_second")
    + group("follow `tcp.established` and `files.open`", "sockets.*")
    + group("`conntrack.used_ratio` as a number", "conntrack.entries")
    + group(
      "`processes.tasks` and `load.1m` show the same", "processes.running", "processes.blocked")
    + group("part of any work, harmless by itself", "kernel.*")
    + group(
      "of interest only where `clock.offset_seconds` is", "clock.maximum_error_seconds",
      "clock.frequency_ppm")

  private static func group(
    _ reason: String, _ patterns: String...
  ) -> [(pattern: String, reason: String)] {
    patterns.map { ($0, reason) }
  }
}
