import Series

/// State kept across restarts: the existing metrics, so that a counter whose sender is gone is
/// still 0, and the values of gauges, to which changes are added.
///
/// Version, prefix and tags under which names were created, then per series: kind, owner, key,
/// stem, value, when it was last sent. The events of the interrupted interval are not kept.
extension SocketMetrics {
  private static let positionVersion: UInt8 = 1

  /// The known metrics and the values of gauges.
  func encodePosition() -> [UInt8] {
    var writer = ByteWriter(capacity: 64 * table.series.count)
    writer.write(SocketMetrics.positionVersion)
    writer.write(prefix)
    writer.write(tagRule)
    let known = table.series.filter { $0.kind != .part }
    writer.write(UInt32(known.count))
    for series in known {
      writer.write(series.kind.rawValue)
      writer.write(series.owner)
      writer.write(series.key)
      writer.write(UInt16(series.stem))
      writer.write(series.kind == .gauge ? series.value : 0)
      writer.write(series.lastSeen.nanoseconds)
      writer.write(series.newest.nanoseconds)
    }
    return writer.bytes
  }

  /// Resumes with the known metrics. Names created under another prefix or other tags are useless;
  /// unreadable parts are reported, readable ones kept.
  func restorePosition(_ bytes: [UInt8]) {
    do throws(ByteReaderError) {
      var reader = ByteReader(bytes)
      let version = try reader.readUInt8()
      guard version == SocketMetrics.positionVersion else {
        throw .outOfRange(offset: 0, value: Int64(version))
      }
      guard try reader.readString() == prefix,
        try reader.readString() == tagRule
      else { return }
      for _ in 0..<(try reader.readUInt32()) { try restoreSeries(&reader) }
    } catch {
      problems.warn(
        "\(configuration.path): the stored list of metrics cannot be read: \(error); metrics are "
          + "created when they are sent")
    }
  }

  private func restoreSeries(_ reader: inout ByteReader) throws(ByteReaderError) {
    let offset = reader.offset
    let rawKind = try reader.readUInt8()
    let owner = try reader.readUInt32()
    let key = try reader.readBytes()
    let stem = Int(try reader.readUInt16())
    let value = try reader.readDouble()
    let lastSeen = Timestamp(nanoseconds: try reader.readInt64())
    let newest = Timestamp(nanoseconds: try reader.readInt64())
    guard let kind = SocketSeries.Kind(rawValue: rawKind), kind != .part, stem <= key.count,
      table.find(key) == nil
    else { throw .outOfRange(offset: offset, value: Int64(rawKind)) }
    // The limits may have been lowered since.
    let account = senders.account(of: owner, at: lastSeen)
    guard senders.metrics(account) + kind.metrics <= configuration.metricsPerSender,
      table.metrics + kind.metrics <= configuration.maximumMetrics
    else { return }
    do throws(SocketFault) {
      var series = try SocketSeries(
        key: key, stem: stem, kind: kind, owner: owner, lastSeen: lastSeen)
      series.value = value.isFinite ? value : 0
      series.newest = newest
      _ = try add(series)
      senders.add(metrics: kind.metrics, to: account)
    } catch {
      throw .outOfRange(offset: offset, value: Int64(rawKind))
    }
  }

  /// The selected tags as text.
  private var tagRule: String {
    switch configuration.tags {
    case .all: "*"
    case .chosen(let keys): keys.joined(separator: ",")
    }
  }
}
