import Series

/// From lines to series.
extension SocketMetrics {
  /// Adds a StatsD line to its series.
  func take(
    _ line: StatsDLine,
    _ bytes: Span<UInt8>,
    _ sender: SocketSender,
    at now: Timestamp,
    _ sink: some SampleSink
  ) throws(SocketFault) {
    try tags.read(statsD: line.tags, bytes)
    seriesName.start()
    seriesName.append(line.name, of: bytes, isEscaped: false)
    seriesName.append(tags, of: bytes, areEscaped: false)
    guard let index = try series(line.kind, sender, at: now) else { return }
    table[index].lastSeen = now
    table[index].isFresh = true
    take(line.first, line.kind, bytes, of: index, at: now, sink)
    var rest = line.others
    while let next = try StatsDLine.Measurement(bytes, &rest) {
      take(next, line.kind, bytes, of: index, at: now, sink)
    }
  }

  /// Adds the values of one measurement to a series.
  private func take(
    _ measurement: StatsDLine.Measurement,
    _ kind: SocketSeries.Kind,
    _ bytes: Span<UInt8>,
    of index: Int,
    at now: Timestamp,
    _ sink: some SampleSink
  ) {
    guard kind != .event else {
      deliver(event: bytes.extracting(measurement.values), of: index, at: now, to: sink)
      return
    }
    guard kind != .set else {
      table[index].distinct?.add(hash: SocketMetrics.hash(bytes, measurement.values))
      return
    }
    var rest: Range<Int>? = measurement.values
    while let range = StatsDLine.nextValue(bytes, &rest) {
      guard case .value(let value) = CSVNumber(bytes, range) else { continue }
      switch kind {
      case .counter: table[index].value += value / measurement.rate
      case .timer: table[index].timer?.add(value, rate: measurement.rate)
      default: set(index, to: value, isSigned: SocketMetrics.isSigned(bytes, range))
      }
    }
  }

  /// Delivers an event, stamped with its arrival.
  private func deliver(
    event id: Span<UInt8>, of index: Int, at now: Timestamp, to sink: some SampleSink
  ) {
    guard let stream = table[index].metrics[0].stream(in: sink, poll: intervals) else {
      counters.refused += 1
      return
    }
    counters.samples += 1
    counters.lastSampleAt = max(now, counters.lastSampleAt ?? now)
    sink.receive(event: id, at: now, of: stream)
  }

  /// Delivers the fields of a line, each a series of its own.
  func take(
    _ line: InfluxLine,
    _ bytes: Span<UInt8>,
    _ sender: SocketSender,
    at now: Timestamp,
    _ sink: some SampleSink
  ) throws(SocketFault) {
    let moment = try moment(line.timestamp, bytes, at: now)
    try tags.read(influx: line.tags, bytes)
    seriesName.start()
    seriesName.append(line.name, of: bytes, isEscaped: true)
    let head = seriesName.count
    let isHeadTooLong = seriesName.isTooLong
    guard !isHeadTooLong else { throw .longName }
    var rest = line.fields
    while !rest.isEmpty {
      let field = try InfluxLine.Field(bytes, &rest)
      guard !field.isText, let value = InfluxLine.number(bytes, field.value) else {
        skip("text", sender)
        continue
      }
      seriesName.cut(to: head)
      // As elsewhere, the field `value` adds nothing to the name.
      if !bytes.equals("value", in: field.key) {
        seriesName.appendDot()
        seriesName.append(field.key, of: bytes, isEscaped: true)
      }
      seriesName.append(tags, of: bytes, areEscaped: true)
      guard let index = try series(.field, sender, at: now) else { continue }
      table[index].lastSeen = now
      guard moment >= table[index].newest else {
        problems.add(.timeOrder, at: now) {
          "\(configuration.path): \(sender): expected a time stamp from "
            + "\(table[index].newest.iso8601) on for \(table[index].metrics[0].name), found "
            + "\(moment.iso8601), skipping the value"
        }
        continue
      }
      table[index].newest = moment
      send(value, index, 0, at: moment, to: sink)
    }
  }

  /// Sets or changes a gauge.
  private func set(_ index: Int, to value: Double, isSigned: Bool) {
    guard isSigned, configuration.signedGauges == .delta else {
      table[index].value = value
      return
    }
    let sum = table[index].value + value
    // An infinite state could never be left again.
    if sum.isFinite { table[index].value = sum }
  }

  /// The time of a time stamp; `now` if there is none.
  private func moment(
    _ range: Range<Int>,
    _ bytes: Span<UInt8>,
    at now: Timestamp
  ) throws(SocketFault) -> Timestamp {
    guard !range.isEmpty else { return now }
    guard let number = InfluxLine.whole(bytes, range) else { throw .timestamp(range) }
    let factor = SocketMetrics.nanoseconds(configuration.precision, number)
    let (nanoseconds, overflow) = number.multipliedReportingOverflow(by: factor)
    let moment = Timestamp(nanoseconds: nanoseconds)
    guard !overflow, moment <= now.advanced(by: SocketLimits.ahead),
      moment >= now.advanced(by: .zero - SocketLimits.behind)
    else { throw .implausible(range) }
    return moment
  }

  /// The nanoseconds per unit of a time stamp; if detected, the unit in which it lies between 1970
  /// and some time in the 22nd century.
  private static func nanoseconds(
    _ precision: SocketSection.Precision,
    _ number: Int64
  ) -> Int64 {
    switch precision {
    case .nanoseconds: 1
    case .microseconds: 1_000
    case .milliseconds: 1_000_000
    case .seconds: 1_000_000_000
    case .automatic:
      switch number.magnitude {
      case ..<5_000_000_000: 1_000_000_000
      case ..<5_000_000_000_000: 1_000_000
      case ..<5_000_000_000_000_000: 1_000
      default: 1
      }
    }
  }

  private static func isSigned(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    guard let first = range.first else { return false }
    return bytes[first] == UInt8(ascii: "+") || bytes[first] == UInt8(ascii: "-")
  }

  private static func hash(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
    var hasher = Hasher()
    bytes.extracting(range).withUnsafeBytes { hasher.combine(bytes: $0) }
    return UInt64(bitPattern: Int64(hasher.finalize()))
  }
}
