/// The name of a column that says that it holds time, such as `timestamp`, `time (ms)` or `t_us`.
struct CSVTimeName: Equatable {
  /// Whether the name can mean nothing else; `t` may be a temperature and `seconds` a duration.
  let isCertain: Bool
  /// The unit in the name; nil if there is none.
  let unit: CSVTimeUnit?

  /// Understands the label of a column; nil if it is not a name of time.
  init?(_ label: String) {
    let name = label.lowercased()
    if let unit = CSVTimeName.units[name] {
      (isCertain, self.unit) = (false, unit)
      return
    }
    var stem = Substring(name)
    var unit: CSVTimeUnit?
    // `time_ms`, `time (ms)`, `time[ms]`
    if let cut = name.firstIndex(where: { "_ ([".contains($0) }) {
      let rest = name[cut...].filter { !"_ ()[]".contains($0) }
      if let found = CSVTimeName.units[rest] {
        unit = found
        stem = name[..<cut]
      }
    }
    self.unit = unit
    if CSVTimeName.certain.contains(String(stem)) {
      isCertain = true
    } else if CSVTimeName.possible.contains(String(stem)) {
      isCertain = false
    } else {
      return nil
    }
  }

  private static let certain: Set<String> = [
    "timestamp", "time", "datetime", "date", "ts", "date_time", "date time", "date/time",
    "@timestamp", "time_stamp", "epoch", "unix", "unixtime", "unix_time", "utc", "zeit", "datum",
    "zeitstempel", "uhrzeit",
  ]

  private static let possible: Set<String> = ["t", "elapsed", "uptime", "since_start"]

  private static let units: [String: CSVTimeUnit] = [
    "s": .seconds, "sec": .seconds, "secs": .seconds, "second": .seconds, "seconds": .seconds,
    "ms": .milliseconds, "msec": .milliseconds, "millis": .milliseconds,
    "milliseconds": .milliseconds, "us": .microseconds, "usec": .microseconds,
    "micros": .microseconds, "microseconds": .microseconds, "ns": .nanoseconds,
    "nsec": .nanoseconds, "nanos": .nanoseconds, "nanoseconds": .nanoseconds,
  ]
}
