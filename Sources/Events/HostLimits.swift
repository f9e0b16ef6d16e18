extension HostLimit {
  private static let mixin = "node-mixin of node_exporter"
  private static let any = -Double.infinity...Double.infinity

  private static func upTo(_ bound: Double) -> ClosedRange<Double> { -.infinity...bound }

  /// The rows; if several match a metric, the last one applies.
  ///
  /// Chosen so that an idle, healthy host opens no event. Numbers come from the given source;
  /// without one they are this project's own: the value at which the metric is known to hurt.
  public static let all: [HostLimit] = processors + memory + storage + network + kernel + hardware

  private static let processors: [HostLimit] = [
    HostLimit(
      1, "cpu.busy", .above, harmless: upTo(0.8),
      [
        Level(.info, 0.95, for: .seconds(900), whileLearning: .seconds(30)),
        Level(.warning, 0.98, for: .seconds(3600), whileLearning: .seconds(900)),
      ],
      clear: 0.85, closeAfter: .seconds(120), "the processors are saturated",
      source: "\(mixin): 90% for 15 min, info"),
    HostLimit(
      28, "cpu.steal", .above, harmless: upTo(0.05), [Level(.warning, 0.1, for: .seconds(1200))],
      clear: 0.05, closeAfter: .seconds(120), "other guests use the processors",
      source: "Netdata: 10% for 20 min"),
    HostLimit(
      2, "pressure.cpu.some", .above, harmless: upTo(0.5),
      [Level(.warning, 0.9, for: .seconds(1800), whileLearning: .seconds(300))],
      clear: 0.7, closeAfter: .seconds(120), "tasks are waiting for a processor", source: "anomalyd"
    ),
    HostLimit(
      29, "load.1m", unit: .suffix(""), "tasks wait, for a processor or for I/O", source: "anomalyd"
    ),
    HostLimit(
      30, "cpu.core*", harmless: any, "a single busy processor slows nothing down",
      source: "anomalyd"),
  ]

  private static let memory: [HostLimit] = [
    HostLimit(
      3, "pressure.memory.some", .above, harmless: upTo(0.05),
      [Level(.warning, 0.3, for: .seconds(60))],
      clear: 0.15, closeAfter: .seconds(120),
      "memory is short: tasks wait for pages to be freed or read back", source: "anomalyd"),
    HostLimit(
      4, "pressure.memory.full", .above, isJudged: false,
      [
        Level(.error, 0.2, for: .seconds(60)), Level(.critical, 0.6, for: .seconds(30)),
      ],
      clear: 0.1, closeAfter: .seconds(120),
      "memory is short: all tasks are stalled waiting for it",
      source: "systemd-oomd: 60% for 30 s"),
    HostLimit(
      6, "memory.used_ratio", .above, harmless: upTo(0.8),
      [
        Level(.warning, 0.95, for: .seconds(60)), Level(.critical, 0.98, for: .seconds(30)),
      ],
      clear: 0.93, closeAfter: .seconds(60), "hardly any memory is available",
      source: "Netdata: critical at 98%"),
    HostLimit(
      7, "memory.out_of_memory_kills_per_second", .above, isJudged: false,
      [Level(.error, 0, for: .zero)],
      clear: 0, closeAfter: .seconds(300), unit: .suffix("/s"),
      "the kernel killed a process because memory ran out", source: "Netdata: any"),
    HostLimit(
      31, "memory.major_faults_per_second", .above, harmless: upTo(500),
      [Level(.warning, 500, for: .seconds(900))],
      clear: 250, closeAfter: .seconds(120), unit: .suffix("/s"),
      "programs wait for memory that was written out or not read yet",
      source: "\(mixin): 500/s for 15 min"),
    HostLimit(
      8, "swap.used_ratio", .above, harmless: upTo(0.5), [Level(.warning, 0.9, for: .seconds(60))],
      clear: 0.85, closeAfter: .seconds(60), "swap space is nearly used up",
      source: "systemd-oomd: 90%"),
    HostLimit(
      32, "swap.*_bytes_per_second", harmless: upTo(1e6), unit: .suffix(" B/s"),
      "memory is short: it is written to disk and read back", source: "anomalyd"),
  ]

  private static let storage: [HostLimit] = [
    HostLimit(
      41, "pressure.io.some", harmless: upTo(0.3), "tasks are waiting for disks", source: "anomalyd"
    ),
    HostLimit(
      5, "pressure.io.full", .above, isJudged: false,
      [Level(.warning, 0.8, for: .seconds(1800), whileLearning: .seconds(300))],
      clear: 0.5, closeAfter: .seconds(120), "everything is waiting for disks", source: "anomalyd"),
    HostLimit(
      9, "filesystem.*.used_ratio", .above, harmless: upTo(0.8),
      [
        Level(.warning, 0.95, for: .seconds(15)), Level(.critical, 0.97, for: .seconds(15)),
      ],
      clear: 0.94, closeAfter: .seconds(60), "the filesystem is nearly full",
      source: "\(mixin): 95% and 97%"),
    HostLimit(
      33, "filesystem.*.hours_left", .below, isJudged: false,
      [Level(.warning, 24, for: .seconds(2400)), Level(.error, 4, for: .seconds(2400))],
      clear: 36, closeAfter: .seconds(300), unit: .suffix(" h"),
      "the filesystem will be full by then at the current rate",
      source: "\(mixin): 24 h and 4 h"),
    HostLimit(
      10, "filesystem.*.inodes_used_ratio", .above, isJudged: false,
      [
        Level(.warning, 0.95, for: .seconds(15)), Level(.critical, 0.97, for: .seconds(15)),
      ],
      clear: 0.94, closeAfter: .seconds(60),
      "the filesystem is nearly out of inodes: no new files can be created",
      source: "\(mixin): 95% and 97%"),
    HostLimit(
      11, "filesystem.*.read_only", .above, isJudged: false, [Level(.critical, 0, for: .zero)],
      clear: 0, closeAfter: .zero, needsChange: true, unit: .suffix(""),
      "the filesystem has become read-only, as after a disk error", source: "anomalyd"),
    HostLimit(
      34, "disk.*_bytes_per_second", harmless: any,
      "throughput is harmless by itself: latency and pressure are what hurt", source: "anomalyd"),
    HostLimit(
      35, "disk.*.utilisation", harmless: upTo(0.9), "the disk is busy all the time",
      source: "anomalyd"),
    HostLimit(
      12, "disk.*_latency_seconds", .above, harmless: upTo(0.1),
      [Level(.warning, 1, for: .seconds(60)), Level(.error, 5, for: .seconds(60))],
      clear: 0.5, closeAfter: .seconds(120), unit: .suffix(" s"),
      "the disk is failing or overloaded: requests take very long", source: "anomalyd"),
    HostLimit(
      24, "scsi.*.errors_per_second", .above, isJudged: false,
      [Level(.warning, 0, for: .zero), Level(.error, 1, for: .seconds(30))],
      clear: 0, closeAfter: .seconds(300), unit: .suffix("/s"),
      "the disk reports errors: check its cable and its SMART data (smartctl)", source: "anomalyd"),
    HostLimit(
      25, "ext4.*.errors_per_second", .above, isJudged: false, [Level(.error, 0, for: .zero)],
      clear: 0, closeAfter: .seconds(300), unit: .suffix("/s"),
      "the filesystem has found its own data damaged: it needs fsck", source: "anomalyd"),
    HostLimit(
      26, "btrfs.*.errors_per_second", .above, isJudged: false, [Level(.error, 0, for: .zero)],
      clear: 0, closeAfter: .seconds(300), unit: .suffix("/s"),
      "a device of the filesystem fails or returns damaged data", source: "Netdata: any"),
    HostLimit(
      27, "raid.*.degraded", .above, isJudged: false, [Level(.error, 0, for: .seconds(30))],
      clear: 0, closeAfter: .seconds(60), unit: .suffix(" missing"),
      "the array has lost a disk and its redundancy", source: "\(mixin): any"),
  ]

  private static let network: [HostLimit] = [
    HostLimit(
      36, "network.*_bytes_per_second", harmless: 1000...Double.infinity, unit: .suffix(" B/s"),
      "hardly any traffic means an outage; heavy traffic is harmless unless packets are lost",
      source: "anomalyd"),
    HostLimit(
      13, "network.*_errors_per_second", .above, isJudged: false,
      [Level(.warning, 1, for: .seconds(30)), Level(.error, 100, for: .seconds(30))],
      clear: 0.1, closeAfter: .seconds(300), unit: .suffix("/s"),
      "packets are damaged: check the cable, the port and the driver", source: "anomalyd"),
    HostLimit(
      14, "network.*_drops_per_second", .above, isJudged: false,
      [Level(.warning, 100, for: .seconds(60))],
      clear: 10, closeAfter: .seconds(300), unit: .suffix("/s"),
      "packets are dropped for lack of buffers or time", source: "anomalyd"),
    HostLimit(
      37, "tcp.established", unit: .suffix(""),
      "an unprecedented number of clients connects, or clients stay away",
      source: "anomalyd"),
    HostLimit(
      38, "tcp.accepted_connections_per_second", unit: .suffix("/s"),
      "an unprecedented number of clients connects, or clients stay away", source: "anomalyd"),
    HostLimit(
      39, "tcp.failed_connections_per_second", harmless: upTo(10), unit: .suffix("/s"),
      "a server does not answer or refuses connections", source: "anomalyd"),
    HostLimit(
      40, "tcp.sent_resets_per_second", harmless: upTo(10), unit: .suffix("/s"),
      "a service is down, or ports are scanned", source: "Netdata: 10 per second"),
    HostLimit(
      42, "tcp.retransmitted_segments_per_second", .above, harmless: upTo(10),
      [Level(.warning, 100, for: .seconds(300))],
      clear: 20, closeAfter: .seconds(120), unit: .suffix("/s"),
      "the network loses packets: connections are slow", source: "anomalyd"),
    HostLimit(
      15, "tcp.listen_drops_per_second", .above, isJudged: false,
      [Level(.warning, 1, for: .seconds(30))],
      clear: 0.1, closeAfter: .seconds(120), unit: .suffix("/s"),
      "connections are refused because a program does not accept them in time",
      source: "Netdata: 1 per second"),
    HostLimit(
      43, "udp.received_datagrams_per_second", harmless: upTo(1000), unit: .suffix("/s"),
      "a flood, or unprecedented demand for a service", source: "anomalyd"),
    HostLimit(
      16, "udp.receive_buffer_errors_per_second", .above, isJudged: false,
      [Level(.warning, 10, for: .seconds(30))],
      clear: 1, closeAfter: .seconds(120), unit: .suffix("/s"),
      "datagrams are lost because a program does not read them in time", source: "anomalyd"),
    HostLimit(
      17, "conntrack.used_ratio", .above, harmless: upTo(0.75),
      [Level(.warning, 0.9, for: .seconds(30)), Level(.critical, 0.95, for: .seconds(30))],
      clear: 0.85, closeAfter: .seconds(60),
      "the table of tracked connections is nearly full: new connections will be dropped",
      source: "Netdata: 90% and 95%"),
  ]

  private static let kernel: [HostLimit] = [
    HostLimit(
      44, "files.open", unit: .suffix(""), "a program may be leaking file descriptors",
      source: "anomalyd"),
    HostLimit(
      18, "files.used_ratio", .above, isJudged: false,
      [Level(.warning, 0.7, for: .seconds(300)), Level(.critical, 0.9, for: .seconds(60))],
      clear: 0.65, closeAfter: .seconds(60), "the host is running out of file descriptors",
      source: "\(mixin): 70% and 90%"),
    HostLimit(
      45, "processes.tasks", unit: .suffix(""), "a program may be leaking processes or threads",
      source: "anomalyd"),
    HostLimit(
      46, "processes.forks_per_second", harmless: upTo(1000), unit: .suffix("/s"),
      "processes are started in a loop", source: "anomalyd"),
    HostLimit(
      47, "clock.offset_seconds", harmless: -0.05...0.05, unit: .suffix(" s"),
      "the clock is wrong", source: "\(mixin): 0.05 s"),
    HostLimit(
      21, "clock.synchronised", .below, isJudged: false, [Level(.warning, 1, for: .seconds(600))],
      clear: 1, closeAfter: .seconds(60), needsChange: true, unit: .suffix(""),
      "the clock is no longer synchronised", source: "\(mixin): 10 min"),
    HostLimit(
      48, "interrupt.*", harmless: any, "interrupts are part of other work", source: "anomalyd"),
    HostLimit(
      49, "soft_interrupt.*", harmless: any, "interrupts are part of other work", source: "anomalyd"
    ),
    HostLimit(
      50, "interrupt.MCE.*", unit: .suffix("/s"), "the processor reports hardware errors",
      source: "anomalyd"),
    HostLimit(
      51, "entropy.available_bits", harmless: 200...Double.infinity, unit: .suffix(" bits"),
      "programs wait for random numbers, before Linux 5.18", source: "Netdata: 100"),
    HostLimit(
      52, "unit.*", unit: .suffix(""), "a unit behaves like never before", source: "anomalyd"),
  ]

  private static let hardware: [HostLimit] = [
    HostLimit(
      53, "sensors.*", unit: .suffix(""), "a fan has stopped, or a voltage is off",
      source: "anomalyd"),
    HostLimit(
      19, "thermal.*.celsius", .above, harmless: upTo(75),
      [Level(.warning, 98, for: .seconds(300)), Level(.critical, 108, for: .seconds(15))],
      clear: 92, closeAfter: .seconds(120), unit: .suffix(" °C"),
      "the hardware is too hot and will slow down or switch off",
      source:
        "the hardware, if it states its limits; otherwise typical for processors: 100 to 110 °C"
    ),
    HostLimit(
      20, "sensors.*.celsius", .above, harmless: upTo(75),
      [Level(.warning, 98, for: .seconds(300)), Level(.critical, 108, for: .seconds(15))],
      clear: 92, closeAfter: .seconds(120), unit: .suffix(" °C"),
      "the hardware is too hot and will slow down or switch off",
      source:
        "the hardware, if it states its limits; otherwise typical for processors: 100 to 110 °C"
    ),
    HostLimit(
      22, "edac.*.corrected_errors_per_second", .above, isJudged: false,
      [Level(.info, 0, for: .zero), Level(.warning, 1, for: .seconds(60))],
      clear: 0, closeAfter: .seconds(300), unit: .suffix("/s"),
      "a memory module has errors that could still be corrected", source: "Netdata: any"),
    HostLimit(
      23, "edac.*.uncorrected_errors_per_second", .above, isJudged: false,
      [Level(.critical, 0, for: .zero)],
      clear: 0, closeAfter: .seconds(300), unit: .suffix("/s"),
      "a memory module has errors that could not be corrected: data may be wrong",
      source: "Netdata: any"),
  ]
}
