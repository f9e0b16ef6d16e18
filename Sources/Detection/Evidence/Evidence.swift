/// A kind of evidence, identified by the number under which it is stored.
///
/// Everything else about a kind is in one ``EvidenceKind``, in the file of its source.
public struct Evidence: Hashable, Sendable, BitwiseCopyable {
  /// What a detector judges, which determines its kinds of evidence.
  public enum Family: UInt8, Sendable, BitwiseCopyable {
    /// Samples of a metric.
    case values = 0
    /// Symbols of a trace.
    case symbols = 1
    /// Rows of several metrics, judged by a trained model.
    case rows = 2

    /// Its kinds in the order of their lanes, at most ``EvidenceVector/lanes``.
    public var kinds: [Evidence] {
      let constants = Fusion.constants(of: self)
      return (0..<constants.count).map { constants.evidence(on: $0) }
    }
  }

  /// The number under which the kind is stored; never reused for another kind.
  public let id: UInt8

  fileprivate init(_ kind: EvidenceKind) { id = kind.id }

  /// The kind with a known id.
  init(stored id: UInt8) { self.id = id }

  /// The kind with that ``id``; nil if this version does not know it.
  public init?(id: UInt8) {
    guard let kind = EvidenceKind.byID[id] else { return nil }
    self = kind.evidence
  }

  /// The kind with that ``name``.
  public init?(name: some StringProtocol) {
    guard let match = Evidence.all.first(where: { $0.name == name }) else { return nil }
    self = match
  }

  /// Every kind, by family.
  public static let all = Family.values.kinds + Family.symbols.kinds + Family.rows.kinds

  /// The word used in events, tables and files.
  public var name: String { kind.name.description }
  /// Its meaning, to complete "anomalous because …".
  public var explanation: String { kind.explanation.description }
  /// The family that it belongs to.
  public var family: Family { kind.family }

  package var kind: EvidenceKind {
    guard let kind = EvidenceKind.byID[id] else {
      preconditionFailure("evidence \(id) has no source")
    }
    return kind
  }
}

// For code that words events differently by kind; a new kind needs no line here.
extension Evidence {
  package static let jump = JumpEvidence.kind.evidence
  package static let window8 = WindowEvidence.short.evidence
  package static let window48 = WindowEvidence.medium.evidence
  package static let window144 = WindowEvidence.long.evidence
  package static let drift = DriftEvidence.kind.evidence
  package static let value = ValueEvidence.single.evidence
  package static let value3 = ValueEvidence.mean.evidence
  package static let quiet = QuietEvidence.kind.evidence
  package static let season = SeasonEvidence.single.evidence
  package static let season32 = SeasonEvidence.mean.evidence
  package static let symbol = SymbolEvidence.kind.evidence
  package static let interval = IntervalEvidence.kind.evidence
  package static let order8 = OrderEvidence.short.evidence
  package static let order32 = OrderEvidence.long.evidence
  package static let mix64 = MixEvidence.kind.evidence
  package static let pace32 = PaceEvidence.kind.evidence
  package static let unknown = UnknownEvidence.kind.evidence
  package static let row = RowEvidence.row.evidence
  package static let rows16 = RowEvidence.lasting.evidence
  package static let rated = RowEvidence.rated.evidence
}

/// Everything about a kind of evidence except how it is measured.
package struct EvidenceKind: Sendable, BitwiseCopyable {
  /// The number under which it is stored.
  package let id: UInt8
  /// The family that it belongs to.
  package let family: Evidence.Family
  /// Its index in an ``EvidenceVector`` of the family. Indices have no gaps; contributions are added
  /// in their order.
  package let lane: Int
  /// The word used in events, tables and files.
  package let name: StaticString
  /// Completes "anomalous because …".
  package let explanation: StaticString
  /// How fast it changes, which determines the calibrator's block size.
  package let pace: TailCalibrator.Pace
  /// Decades that it must exceed beyond ``Fusion/base`` before it counts.
  package var offset: Float = 0

  package var evidence: Evidence { Evidence(self) }

  fileprivate static let byID: [UInt8: EvidenceKind] = Dictionary(
    uniqueKeysWithValues: (ValueSources.kinds + SymbolSources.kinds + RowEvidence.kinds).map {
      ($0.id, $0)
    })
}
