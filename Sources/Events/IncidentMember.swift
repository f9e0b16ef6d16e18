import Series

/// An event of an incident, by reference.
public struct IncidentMember: Equatable, Sendable {
  /// Its id, its metric, and when its evidence began.
  public let reference: IncidentMembership.Reference
  /// Its severity as of its newest step.
  public internal(set) var severity: Severity
  /// Its highest score so far.
  public internal(set) var peakScore: Float
  /// Whether outputs were notified of it: false while a silence mutes it.
  public internal(set) var counts = false
}

extension IncidentMember {
  func encode(to writer: inout ByteWriter) {
    reference.encode(to: &writer)
    writer.write(severity.rawValue)
    writer.write(peakScore)
    writer.write(counts)
  }

  init(from reader: inout ByteReader) throws(ByteReaderError) {
    reference = try IncidentMembership.Reference(from: &reader)
    severity = try reader.readCase(Severity.init(rawValue:))
    peakScore = try reader.readFloat()
    counts = try reader.readBool()
  }
}
