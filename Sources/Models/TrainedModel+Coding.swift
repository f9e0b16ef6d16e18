package import Series

extension TrainedModel {
  /// Why bytes are not a usable model.
  package enum FileError: Error, Equatable, CustomStringConvertible {
    /// They do not begin like a model.
    case noModel
    /// Their format is unknown to this program.
    case otherVersion(UInt32)
    /// They end early or continue past the end.
    case otherLength(found: Int, expected: Int)
    /// Some bytes have changed.
    case checksum
    /// The kind of model is unknown.
    case unknownKind(String)
    /// The model judges traces, not values.
    case otherContent(kind: String)
    /// A field has a value that cannot occur.
    case content(StateDecodingError)

    /// One sentence for the user.
    package var description: String {
      switch self {
      case .noModel: "expected a model written by 'anomalyctl train', found something else"
      case .otherVersion(let version):
        "the model has format version \(version), and this program reads versions "
          + "\(readableVersions.lowerBound) to \(readableVersions.upperBound): use the anomalyctl "
          + "that wrote it, or train again"
      case .otherLength(let found, let expected):
        "the model is damaged: expected \(expected) bytes, found \(found)"
      case .checksum: "the model is damaged: its checksum does not match its content"
      case .unknownKind(let kind):
        "the model is of the kind '\(kind)', which this version does not support: expected one of "
          + ModelKinds.all.map { $0.name }.joined(separator: ", ")
      case .otherContent(let kind):
        "the model is of the kind '\(kind)': expected one that judges values, found one of traces"
      case .content(let error): "the model is damaged: \(error)"
      }
    }
  }

  /// The version of the format that is written.
  static let formatVersion: UInt32 = 4
  /// The versions that can be read. Version 2 has no ``ModelPlan/isStateless`` and no
  /// ``ModelPlan/baseline``, version 3 no directions other than the principal components.
  static let readableVersions: ClosedRange<UInt32> = 2...formatVersion

  /// The kind of model in the contents of a file; nil if there is none.
  package static func kind(of bytes: [UInt8]) -> String? {
    (try? ModelContainer.content(of: bytes)).flatMap { ModelContainer.kind(of: $0.bytes) }
  }

  /// The model as the contents of a file.
  package var bytes: [UInt8] {
    var copy = self
    return ModelContainer.bytes(capacity: 4 * weights.count + 4096) {
      (coder: inout StateEncoder) throws(StateDecodingError) in
      try copy.code(&coder, version: TrainedModel.formatVersion)
    }
  }

  /// Parses the contents of a file.
  package init(bytes: [UInt8]) throws(FileError) {
    let (content, version) = try ModelContainer.content(of: bytes)
    self.init()
    do {
      var copy = self
      try StateDecoder.decode(content) {
        (coder: inout StateDecoder) throws(StateDecodingError) in
        try copy.code(&coder, version: version)
      }
      self = copy
    } catch {
      // For an unknown kind, nothing after its name can be read.
      if let kind = ModelContainer.kind(of: content) {
        if kind == TraceModel.kind { throw .otherContent(kind: kind) }
        if ModelKinds.named(kind) == nil { throw .unknownKind(kind) }
      }
      throw .content(error)
    }
  }

  private init() {
    self.init(
      kind: "", columns: [], clock: .none, interval: 0, gaps: .fill, plan: ModelPlan(),
      weights: [], judge: RowJudge(form: .multivariate, rule: .fixed(1), width: 0),
      trainingLosses: [], validationLosses: [], bestEpoch: 0, provenance: Provenance())
  }

  private mutating func code(
    _ coder: inout some StateCoder, version: UInt32
  ) throws(StateDecodingError) {
    var words = [kind, gaps.rawValue, provenance.version]
    try coder.code(&words, maximum: 3, longest: 100)
    guard words.count == 3, let gaps = RowPreparer.Gaps(rawValue: words[1]) else {
      throw .outOfRange(field: "words of a model", found: words.count, expected: 3...3)
    }
    (kind, self.gaps, provenance.version) = (words[0], gaps, words[2])

    var count = columns.count
    try coder.code(&count, in: 1...256, "number of columns")
    while columns.count < count { columns.append(ModelColumn(name: "")) }
    for index in 0..<count { try columns[index].code(&coder) }
    var hasComponents = components != nil
    try coder.code(&hasComponents)
    if hasComponents {
      var parts = components ?? PrincipalComponents()
      try parts.code(&coder, columns: count, version: version)
      guard parts.count > 0 else {
        throw .outOfRange(field: "number of components", found: 0, expected: 1...count)
      }
      components = parts
    }
    var period = clock.rawValue
    try coder.code(&period, in: 0...2, "clock features")
    clock = ClockFeatures(rawValue: period) ?? .none
    var nanoseconds = Int(interval)
    try coder.code(&nanoseconds, in: 0...(1 << 59), "sampling interval")
    interval = Int64(nanoseconds)
    try plan.code(&coder, version: version)

    try provenance.code(&coder)
    try coder.code(&trainingLosses, maximum: 1_000_000)
    try coder.code(&validationLosses, maximum: 1_000_000)
    try coder.code(&bestEpoch, in: 0...1_000_000, "best epoch")

    let weightCount = TrainedModel.weightCount(self)
    guard let weightCount else {
      throw .outOfRange(field: "kind of a model", found: 0, expected: 1...1)
    }
    var stored = weights.count
    try coder.code(&stored, in: weightCount...weightCount, "number of weights")
    if weights.isEmpty { weights = Array(repeating: 0, count: weightCount) }
    try weights.withUnsafeMutableBufferPointer { weights throws(StateDecodingError) in
      guard let start = weights.baseAddress else { return }
      try coder.code(floats: start, count: weights.count)
    }
    guard weights.allSatisfy(\.isFinite) else {
      throw .outOfRange(field: "a weight", found: 0, expected: 0...0)
    }
    if judge.width == 0, let reader {
      judge = RowJudge(
        form: .multivariate, rule: .fixed(1), width: reader.width,
        watchesMean: ModelKinds.named(kind)?.isSupervised != true)
    }
    try judge.code(&coder)
  }

  /// Number of weights of a model of this kind and these sizes; nil for an unknown kind.
  private static func weightCount(_ model: TrainedModel) -> Int? {
    let count = ModelKinds.named(model.kind)?.weightCount(
      plan: model.plan, columns: model.inputCount, clockCount: model.clock.count)
    return count.map { $0 * model.plan.members }
  }
}

extension TrainedModel.Provenance {
  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(&dropped, maximum: 4096, longest: 1000)
    try coder.code(&validationShare)
    var names = files.map(\.name)
    try coder.code(&names, maximum: 4096, longest: 4096)
    while files.count < names.count {
      files.append(
        .init(
          name: names[files.count], rows: 0, first: Timestamp(nanoseconds: 0),
          last: Timestamp(nanoseconds: 0)))
    }
    for index in files.indices {
      try coder.code(count: &files[index].rows, "rows of a file")
      try coder.code(&files[index].first)
      try coder.code(&files[index].last)
    }
  }
}

extension StateCoder {
  mutating func code(_ moment: inout Timestamp) throws(StateDecodingError) {
    var bits = UInt64(bitPattern: moment.nanoseconds)
    try code(&bits)
    moment = Timestamp(nanoseconds: Int64(bitPattern: bits))
  }
}
