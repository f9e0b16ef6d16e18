package import Series

/// A trained model with everything needed to judge new rows, and its origin.
package struct TrainedModel: Sendable {
  /// The origin of a model.
  package struct Provenance: Equatable, Sendable {
    /// A recording that it was trained on.
    package struct File: Equatable, Sendable {
      /// Its name without the directory.
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
    /// Share of the rows, at the end of each recording, that decided when training ended.
    package var validationShare = 0.2

    /// The time span in which a recording of that name was trained on; nil if it was not.
    package func span(of path: String) -> ClosedRange<Timestamp>? {
      let name = path.split(separator: "/").last.map(String.init) ?? path
      guard let file = files.first(where: { $0.name == name }) else { return nil }
      return file.first...max(file.first, file.last)
    }
  }

  /// Its kind.
  package var kind: String
  /// Its columns, in the order in which it reads them.
  package var columns: [ModelColumn]
  /// The inputs of its network computed from them; nil for the columns themselves.
  package var components: PrincipalComponents?
  /// Its time features.
  package var clock: ClockFeatures
  /// Usual nanoseconds between two rows; 0 if unknown.
  package var interval: Int64
  /// How gaps are treated.
  package var gaps: RowPreparer.Gaps
  /// Sizes and training parameters.
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
  /// Its origin.
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

  /// Number of values per row that its network reads, excluding clock features.
  package var inputCount: Int { components?.count ?? columns.count }

  /// A reader of rows with all its networks; nil for a kind unknown to this program.
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

  /// The expected value of each column for a forecast in standard units, in its own unit; NaN if
  /// unknown, or if the column is transformed.
  func expected(_ forecast: [Float]) -> [Double] {
    let values = components.map { $0.columns(of: forecast) } ?? forecast
    return columns.indices.map { column in
      columns[column].transform == .none
        ? Double(values[column]) * columns[column].scale + columns[column].mean : .nan
    }
  }
}
