package import Series

/// A trained model with all that judging new rows needs, and where it comes from.
package struct TrainedModel: Sendable {
  /// Where a model comes from.
  package struct Provenance: Equatable, Sendable {
    /// A recording that it was trained on.
    package struct File: Equatable, Sendable {
      /// Its name without folder.
      package var name: String
      /// Rows that were used.
      package var rows: Int
      /// Time of the first of them.
      package var first: Timestamp
      /// Time of the last of them.
      package var last: Timestamp
    }

    /// The recordings.
    package var files: [File] = []
    /// Columns that were left out, with the reason.
    package var dropped: [String] = []
    /// Version of the program.
    package var version = Product.version
    /// Share of the rows, the last of each recording, that decided when training ended.
    package var validationShare = 0.2

    /// From when to when a recording of that name was trained on; nil if it was not.
    package func span(of path: String) -> ClosedRange<Timestamp>? {
      let name = path.split(separator: "/").last.map(String.init) ?? path
      guard let file = files.first(where: { $0.name == name }) else { return nil }
      return file.first...max(file.first, file.last)
    }
  }

  /// The word for its kind.
  package var kind: String
  /// Its columns, in the order in which it reads them.
  package var columns: [ModelColumn]
  /// What its network reads of them; nil for the columns themselves.
  package var components: PrincipalComponents?
  /// What it knows of the time.
  package var clock: ClockFeatures
  /// Usual nanoseconds between two rows; 0 if not known.
  package var interval: Int64
  /// How gaps are treated.
  package var gaps: RowPreparer.Gaps
  /// Sizes, and how it was trained.
  package var plan: ModelPlan
  /// The weights of all members' networks.
  package var weights: [Float]
  /// What makes an alarm.
  package var judge: RowJudge
  /// Losses of the first member by epoch.
  package var trainingLosses: [Double]
  package var validationLosses: [Double]
  /// The epoch of its weights, from 1.
  package var bestEpoch: Int
  /// Where it comes from.
  package var provenance: Provenance

  /// Why a recording was not judged.
  package enum ReadingError: Error, Equatable {
    /// These columns are missing.
    case missingColumns([String])
  }

  /// A preparer of rows for this model.
  package var preparer: RowPreparer {
    RowPreparer(
      columns: columns, clock: clock, interval: interval, gaps: gaps, components: components)
  }

  /// A tape for this model without rows.
  package var tape: RowTape {
    RowTape(
      columns: inputCount, clockCount: clock.count, residualCount: components?.residualCount ?? 0)
  }

  /// Number of values of a row that its network reads, clock features left out.
  package var inputCount: Int { components?.count ?? columns.count }

  /// A reader of rows with all its networks; nil for a kind that this program does not know.
  package var reader: (any RowReader)? {
    let members = (0..<plan.members).compactMap(reader(ofMember:))
    guard !members.isEmpty else { return nil }
    let network = EnsembleReader(members)
    guard let count = components?.residualCount, count > 0,
      ModelKinds.named(kind)?.isSupervised == false
    else { return network }
    return ResidualReader(network, inputs: inputCount, residuals: count)
  }

  /// A reader of rows with one of its networks.
  func reader(ofMember member: Int) -> (any RowReader)? {
    let count = weights.count / plan.members
    return ModelKinds.named(kind)?.reader(
      plan: plan, columns: inputCount, clockCount: clock.count,
      weights: Array(weights[(member * count)..<((member + 1) * count)]))
  }
}

extension TrainedModel {
  /// Adds the share in a score of one of the network's inputs, or of a direction beside the principal
  /// components, to those of the columns.
  func spread(_ share: Double, of input: Int, over shares: inout [Double]) {
    guard let components else {
      shares[input] += share
      return
    }
    for (column, part) in components.shares(of: input).enumerated() {
      shares[column] += share * part
    }
  }

  /// What a forecast in standard units expects of each column, in its own unit; NaN where unknown, or
  /// where the column is transformed.
  func expected(_ forecast: [Float]) -> [Double] {
    let values = components.map { $0.columns(of: forecast) } ?? forecast
    return columns.indices.map { column in
      columns[column].transform == .none
        ? Double(values[column]) * columns[column].scale + columns[column].mean : .nan
    }
  }
}
