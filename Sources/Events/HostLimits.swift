extension HostLimit {
  private static let mixin = "node-mixin of node_exporter"

  /// The built-in limits; of several that match a metric, the last one counts.
  ///
  /// Chosen so that an idle, healthy host opens no event. Where a source gives a number it is used,
  /// otherwise the number is this project's: where the metric is known to hurt.
  public static let all: [HostLimit] = [
    HostLimit(
      1, "cpu.busy", .above,
      [
        Level(.info, 0.95, for: .seconds(900), whileLearning: .seconds(30)),
        Level(.warning, 0.98, for: .seconds(3600), whileLearning: .seconds(900)),
      ],
      clear: 0.85, closeAfter: .seconds(120), "the processors are saturated",
      source: "\(mixin): 90% for 15 min, info"),
    HostLimit(
      2, "pressure.cpu.some", .above,
      [Level(.warning, 0.9, for: .seconds(1800), whileLearning: .seconds(300))],
      clear: 0.7, closeAfter: .seconds(120), "tasks are waiting for a processor", source: "anomalyd"
    ),
    HostLimit(
      3, "pressure.memory.some", .above,
      [Level(.warning, 0.3, for: .seconds(60))],
      clear: 0.15, closeAfter: .seconds(120),
      "memory is short: tasks wait for pages to be freed or read back", source: "anomalyd"),
    HostLimit(
      4, "pressure.memory.full", .above,
      [
        Level(.error, 0.2, for: .seconds(60)), Level(.critical, 0.6, for: .seconds(30)),
      ],
      clear: 0.1, closeAfter: .seconds(120), "memory is short: nothing runs for want of it",
      source: "systemd-oomd: 60% for 30 s"),
    HostLimit(
      5, "pressure.io.full", .above,
      [Level(.warning, 0.8, for: .seconds(1800), whileLearning: .seconds(300))],
      clear: 0.5, closeAfter: .seconds(120), "everything is waiting for disks", source: "anomalyd"),
    HostLimit(
      6, "memory.used_ratio", .above,
      [
        Level(.warning, 0.95, for: .seconds(60)), Level(.critical, 0.98, for: .seconds(30)),
      ],
      clear: 0.93, closeAfter: .seconds(60), "hardly any memory is available",
      source: "Netdata: critical at 98%"),
    HostLimit(
      7, "memory.out_of_memory_kills_per_second", .above, [Level(.error, 0, for: .zero)],
      clear: 0, closeAfter: .seconds(300), unit: .suffix("/s"),
      "the kernel killed a process because memory ran out", source: "Netdata: any"),
    HostLimit(
      8, "swap.used_ratio", .above, [Level(.warning, 0.9, for: .seconds(60))],
      clear: 0.85, closeAfter: .seconds(60), "swap space is nearly used up",
      source: "systemd-oomd: 90%"),
    HostLimit(
      9, "filesystem.*.used_ratio", .above,
      [
        Level(.warning, 0.95, for: .seconds(15)), Level(.critical, 0.97, for: .seconds(15)),
      ],
      clear: 0.94, closeAfter: .seconds(60), "the filesystem is nearly full",
      source: "\(mixin): 95% and 97%"),
    HostLimit(
      10, "filesystem.*.inodes_used_ratio", .above,
      [
        Level(.warning, 0.95, for: .seconds(15)), Level(.critical, 0.97, for: .seconds(15)),
      ],
      clear: 0.94, closeAfter: .seconds(60),
      "the filesystem is nearly out of inodes: no new files can be created",
      source: "\(mixin): 95% and 97%"),
    HostLimit(
      11, "filesystem.*.read_only", .above, [Level(.critical, 0, for: .zero)],
      clear: 0, closeAfter: .zero, needsChange: true, unit: .suffix(""),
      "the filesystem has become read-only, as after a disk error", source: "anomalyd"),
    HostLimit(
      12, "disk.*_latency_seconds", .above,
      [Level(.warning, 1, for: .seconds(60)), Level(.error, 5, for: .seconds(60))],
      clear: 0.5, closeAfter: .seconds(120), unit: .suffix(" s"),
      "the disk is failing or overloaded: requests take very long", source: "anomalyd"),
    HostLimit(
      13, "network.*_errors_per_second", .above,
      [Level(.warning, 1, for: .seconds(30)), Level(.error, 100, for: .seconds(30))],
      clear: 0.1, closeAfter: .seconds(300), unit: .suffix("/s"),
      "packets are damaged: check the cable, the port and the driver", source: "anomalyd"),
    HostLimit(
      14, "network.*_drops_per_second", .above,
      [Level(.warning, 100, for: .seconds(60))],
      clear: 10, closeAfter: .seconds(300), unit: .suffix("/s"),
      "packets are dropped for lack of buffers or time", source: "anomalyd"),
    HostLimit(
      15, "tcp.listen_drops_per_second", .above, [Level(.warning, 1, for: .seconds(30))],
      clear: 0.1, closeAfter: .seconds(120), unit: .suffix("/s"),
      "connections are refused because a program does not accept them in time",
      source: "Netdata: 1 per second"),
    HostLimit(
      16, "udp.receive_buffer_errors_per_second", .above, [Level(.warning, 10, for: .seconds(30))],
      clear: 1, closeAfter: .seconds(120), unit: .suffix("/s"),
      "datagrams are lost because a program does not read them in time", source: "anomalyd"),
    HostLimit(
      17, "conntrack.used_ratio", .above,
      [Level(.warning, 0.9, for: .seconds(30)), Level(.critical, 0.95, for: .seconds(30))],
      clear: 0.85, closeAfter: .seconds(60),
      "the table of tracked connections is nearly full: new connections will be dropped",
      source: "Netdata: 90% and 95%"),
    HostLimit(
      18, "files.used_ratio", .above,
      [Level(.warning, 0.7, for: .seconds(300)), Level(.critical, 0.9, for: .seconds(60))],
      clear: 0.65, closeAfter: .seconds(60), "the host is running out of file descriptors",
      source: "\(mixin): 70% and 90%"),
    HostLimit(
      19, "thermal.*.celsius", .above,
      [Level(.warning, 98, for: .seconds(300)), Level(.critical, 108, for: .seconds(15))],
      clear: 92, closeAfter: .seconds(120), unit: .suffix(" °C"),
      "the hardware is too hot and will slow down or switch off",
      source:
        "the hardware, where it states its limits; else usual ones of processors: 100 to 110 °C"
    ),
    HostLimit(
      20, "sensors.*.celsius", .above,
      [Level(.warning, 98, for: .seconds(300)), Level(.critical, 108, for: .seconds(15))],
      clear: 92, closeAfter: .seconds(120), unit: .suffix(" °C"),
      "the hardware is too hot and will slow down or switch off",
      source:
        "the hardware, where it states its limits; else usual ones of processors: 100 to 110 °C"
    ),
    HostLimit(
      21, "clock.synchronised", .below, [Level(.warning, 1, for: .seconds(600))],
      clear: 1, closeAfter: .seconds(60), needsChange: true, unit: .suffix(""),
      "the clock is no longer synchronised", source: "\(mixin): 10 min"),
    HostLimit(
      22, "edac.*.corrected_errors_per_second", .above,
      [Level(.info, 0, for: .zero), Level(.warning, 1, for: .seconds(60))],
      clear: 0, closeAfter: .seconds(300), unit: .suffix("/s"),
      "a memory module has errors that could still be corrected", source: "Netdata: any"),
    HostLimit(
      23, "edac.*.uncorrected_errors_per_second", .above, [Level(.critical, 0, for: .zero)],
      clear: 0, closeAfter: .seconds(300), unit: .suffix("/s"),
      "a memory module has errors that could not be corrected: data may be wrong",
      source: "Netdata: any"),
    HostLimit(
      24, "scsi.*.errors_per_second", .above,
      [Level(.warning, 0, for: .zero), Level(.error, 1, for: .seconds(30))],
      clear: 0, closeAfter: .seconds(300), unit: .suffix("/s"),
      "the disk reports errors: check its cable and what smartctl says of it", source: "anomalyd"),
    HostLimit(
      25, "ext4.*.errors_per_second", .above, [Level(.error, 0, for: .zero)],
      clear: 0, closeAfter: .seconds(300), unit: .suffix("/s"),
      "the filesystem has found its own data damaged: it needs fsck", source: "anomalyd"),
    HostLimit(
      26, "btrfs.*.errors_per_second", .above, [Level(.error, 0, for: .zero)],
      clear: 0, closeAfter: .seconds(300), unit: .suffix("/s"),
      "a device of the filesystem fails or returns damaged data", source: "Netdata: any"),
    HostLimit(
      27, "raid.*.degraded", .above, [Level(.error, 0, for: .seconds(30))],
      clear: 0, closeAfter: .seconds(60), unit: .suffix(" missing"),
      "the array has lost a disk and its redundancy", source: "\(mixin): any"),
  ]
}
