public import Series

/// How rare each kind of evidence is, in decades, or another number of decades for each kind.
public struct EvidenceVector: Equatable, Sendable {
  /// The most kinds that a family can have.
  public static let lanes = 16

  /// The family that these kinds belong to.
  public let family: Evidence.Family
  /// By ``EvidenceKind/lane``; 0 for lanes without a kind.
  package var decades: SIMD16<Float>

  /// Zero for each kind.
  public init(_ family: Evidence.Family) {
    self.init(family, decades: SIMD16(repeating: 0))
  }

  package init(_ family: Evidence.Family, decades: SIMD16<Float>) {
    self.family = family
    self.decades = decades
  }

  /// The decades of one kind; 0 for a kind of another family, which cannot be set.
  public subscript(evidence: Evidence) -> Float {
    get {
      let kind = evidence.kind
      return kind.family == family ? decades[kind.lane] : 0
    }
    set {
      let kind = evidence.kind
      precondition(kind.family == family, "\(kind.name) is no evidence about \(family)")
      decades[kind.lane] = newValue
    }
  }
}

extension EvidenceVector {
  /// Appends the number of kinds, then id and decades of each.
  public func encode(to writer: inout ByteWriter) {
    let kinds = family.kinds
    writer.write(UInt8(kinds.count))
    for (lane, kind) in kinds.enumerated() {
      writer.write(kind.id)
      writer.write(decades[lane])
    }
  }

  /// The vector written by ``encode(to:)``. Kinds unknown to this version are left out; kinds
  /// unknown to the writing version are 0.
  /// - Throws: ``ByteReaderError`` if the bytes are not a vector.
  public init(from reader: inout ByteReader) throws(ByteReaderError) {
    let start = reader.offset
    let count = try reader.readUInt8()
    guard count <= EvidenceVector.lanes else {
      throw .outOfRange(offset: start, value: Int64(count))
    }
    var family: Evidence.Family?
    var decades = SIMD16<Float>(repeating: 0)
    for _ in 0..<count {
      let offset = reader.offset
      let id = try reader.readUInt8()
      let value = try reader.readFloat()
      guard let kind = Evidence(id: id)?.kind else { continue }
      guard family == nil || family == kind.family else {
        throw .outOfRange(offset: offset, value: Int64(id))
      }
      family = kind.family
      decades[kind.lane] = value
    }
    self.init(family ?? .values, decades: decades)
  }

  /// The format of version 0.1: the first eight lanes, without their kinds.
  package init(
    format3 reader: inout ByteReader, _ family: Evidence.Family = .values
  ) throws(ByteReaderError) {
    self.init(family)
    for lane in 0..<8 { decades[lane] = try reader.readFloat() }
  }

  /// The same decades for the kinds of another family; for values that ``init(format3:_:)`` read
  /// before the family was known.
  package func assigned(to family: Evidence.Family) -> EvidenceVector {
    EvidenceVector(family, decades: decades)
  }
}
