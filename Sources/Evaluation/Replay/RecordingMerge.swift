public import Series

/// Merges recordings in chronological order, with one row of each in memory.
///
/// Rows of one recording keep their order, even if its time runs backwards; of rows with the same
/// time, that of the earlier recording comes first.
public struct RecordingMerge {
  private struct Head {
    var moment: Timestamp
    var source: Int

    static func < (lhs: Head, rhs: Head) -> Bool {
      (lhs.moment, lhs.source) < (rhs.moment, rhs.source)
    }
  }

  /// The time shift of each recording.
  private var shifts: [Duration]
  private let recordings: [any Recording]
  private let alignsStarts: Bool
  /// A binary heap.
  private var heads: [Head] = []
  private var hasBegun = false
  /// The recordings that could not be read completely, with the reason.
  public private(set) var failures: [Int: any Error] = [:]

  /// A merge of these recordings.
  /// - Parameter alignsStarts: all recordings are shifted to begin when the first one does.
  public init(_ recordings: [any Recording], alignsStarts: Bool = false) {
    self.recordings = recordings
    self.alignsStarts = alignsStarts
    shifts = Array(repeating: .zero, count: recordings.count)
  }

  /// The next row: its recording, and its time. That recording's row is replaced by the following
  /// one at the next call.
  public mutating func next() -> (source: Int, moment: Timestamp)? {
    if !hasBegun {
      begin()
    } else if let head = heads.first {
      if let moment = moment(of: head.source) {
        heads[0].moment = moment
      } else {
        heads[0] = heads[heads.count - 1]
        heads.removeLast()
      }
      sink()
    }
    return heads.first.map { ($0.source, $0.moment) }
  }

  private mutating func begin() {
    hasBegun = true
    var start: Timestamp?
    for source in recordings.indices {
      guard let moment = moment(of: source) else { continue }
      if alignsStarts, let start {
        shifts[source] = start.elapsed(since: moment)
      }
      start = start ?? moment
      heads.append(Head(moment: moment.advanced(by: shifts[source]), source: source))
    }
    // A sorted array is a heap.
    heads.sort(by: <)
  }

  /// Advances a recording.
  private mutating func moment(of source: Int) -> Timestamp? {
    do {
      return try recordings[source].next()?.advanced(by: shifts[source])
    } catch {
      failures[source] = error
      return nil
    }
  }

  /// Restores the heap after its first element has changed.
  private mutating func sink() {
    var place = 0
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2] where child < heads.count {
        if heads[child] < heads[least] { least = child }
      }
      if least == place { return }
      heads.swapAt(place, least)
      place = least
    }
  }
}
