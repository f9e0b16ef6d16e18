package import Series

extension SilenceBook {
  private static let formatVersion: UInt8 = 1

  /// The added silences, as bytes.
  package func encode() -> [UInt8] {
    var writer = ByteWriter()
    writer.write(SilenceBook.formatVersion)
    writer.write(count: nextNumber)
    writer.write(UInt32(called.count))
    for silence in called {
      guard case .once(let from, let until) = silence.times,
        case .call(let user, let moment) = silence.origin
      else { preconditionFailure("an added silence is in force once") }
      writer.write(silence.id)
      writer.write(UInt32(silence.metrics.count))
      for metric in silence.metrics { writer.write(metric.text) }
      writer.write(from.nanoseconds)
      writer.write(until.nanoseconds)
      writer.write(silence.suppressesAlarms)
      writer.write(silence.suppressesLearning)
      writer.write(silence.reason)
      writer.write(user)
      writer.write(moment.nanoseconds)
    }
    return writer.bytes
  }

  /// Restores the result of ``encode()``.
  /// - Throws: if the bytes are anything else; nothing is changed then.
  package func restore(from bytes: [UInt8]) throws(ByteReaderError) {
    var reader = ByteReader(bytes)
    let version = try reader.readUInt8()
    guard version == SilenceBook.formatVersion else {
      throw .outOfRange(offset: 0, value: Int64(version))
    }
    let next = try reader.readCount()
    var silences: [Silence] = []
    for _ in 0..<(try reader.readUInt32()) {
      let id = try reader.readString()
      var metrics: [Glob] = []
      for _ in 0..<(try reader.readUInt32()) {
        let offset = reader.offset
        guard let glob = Glob(try reader.readString()) else {
          throw .outOfRange(offset: offset, value: 0)
        }
        metrics.append(glob)
      }
      let from = Timestamp(nanoseconds: try reader.readInt64())
      let until = Timestamp(nanoseconds: try reader.readInt64())
      let alarms = try reader.readBool()
      let learning = try reader.readBool()
      let reason = try reader.readString()
      let user = try reader.readUInt32()
      let moment = Timestamp(nanoseconds: try reader.readInt64())
      silences.append(
        Silence(
          id: id, origin: .call(user: user, at: moment), metrics: metrics,
          times: .once(from: from, until: until), suppressesAlarms: alarms,
          suppressesLearning: learning, reason: reason))
    }
    try reader.requireEnd()
    restore(silences, nextNumber: next)
  }
}
