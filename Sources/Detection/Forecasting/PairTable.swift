import Glibc
import Series

/// How often each symbol has followed each other one, and after how long: known after one example,
/// where the network takes hundreds.
///
/// A table of 512 pairs in sets of four; the rarest pair of a full set makes room for a new one.
struct PairTable {
  /// Pairs remembered.
  static let capacity = 512
  private static let ways = 4
  /// Weight of the symbol's own frequency in what is expected after another.
  private static let priorWeight: Float = 1
  /// Counts are halved when those after one symbol reach this many.
  private static let mostCounted: Float = 4096
  /// Memory of a pair's interval, in occurrences.
  private static let memory: Float = 200

  /// One pair, 16 bytes.
  struct Entry {
    /// first * 64 + second + 1; 0 where free.
    var key: UInt32 = 0
    /// How often it has occurred, halved from time to time.
    var count: Float = 0
    /// Location of y of the interval.
    var location: Float = 0
    /// Mean absolute distance from there.
    var scale: Float = 1
  }

  private let entries: UnsafeMutablePointer<Entry>
  /// Counts of each symbol as first of a pair, then of each symbol overall.
  private let totals: UnsafeMutablePointer<Float>
  private var events: Float = 0

  /// Floats of totals.
  static let totalCount = 2 * Alphabet.capacity

  /// An empty table in zeroed memory.
  init(entries: UnsafeMutablePointer<Entry>, totals: UnsafeMutablePointer<Float>) {
    self.entries = entries
    self.totals = totals
  }

  /// How likely `second` is after `first`, out of `alphabet` symbols known.
  func probability(of second: Int, after first: Int, alphabet: Int) -> Float {
    let own =
      (totals[Alphabet.capacity + second] + 0.5) / (events + 0.5 * Float(alphabet + 1))
    let count = place(first, second).map { entries[$0].count } ?? 0
    return (count + PairTable.priorWeight * own) / (totals[first] + PairTable.priorWeight)
  }

  /// Share of a symbol among all events so far.
  func frequency(of symbol: Int) -> Float {
    events > 0 ? totals[Alphabet.capacity + symbol] / events : 0
  }

  /// Location and spread of y of the interval between two symbols; nil if the pair has not occurred
  /// yet.
  func interval(_ first: Int, _ second: Int) -> (location: Float, scale: Float)? {
    guard let place = place(first, second), entries[place].scale > 0 else { return nil }
    let entry = entries[place]
    // Two intervals within half a tick are indistinguishable.
    return (entry.location, entry.scale + 0.02 + 0.5 * expf(-entry.location))
  }

  /// Learns that `second` came after `first`; `y` of the interval if it is known.
  mutating func learn(_ first: Int, _ second: Int, y: Float?) {
    events += 1
    totals[Alphabet.capacity + second] += 1
    totals[first] += 1
    let place = place(first, second) ?? claim(first, second)
    entries[place].count += 1
    if let y { learn(y, at: place) }
    if totals[first] >= PairTable.mostCounted { halve(first) }
    if events >= 2 * PairTable.mostCounted {
      events *= 0.5
      for symbol in 0..<Alphabet.capacity { totals[Alphabet.capacity + symbol] *= 0.5 }
    }
  }

  private func learn(_ y: Float, at place: Int) {
    var entry = entries[place]
    if entry.scale == 0 {
      entry.location = y
      entry.scale = 1
    } else {
      let reach = min(entry.count, PairTable.memory)
      let distance = y - entry.location
      let bounded = max(-3 * entry.scale, min(3 * entry.scale, distance))
      entry.location += bounded / reach
      // The first guess of the scale, 1, weighs as much as two intervals.
      entry.scale += (abs(bounded) - entry.scale) / (reach + 1)
    }
    entries[place] = entry
  }

  private func halve(_ first: Int) {
    var sum: Float = 0
    for place in 0..<PairTable.capacity
    where entries[place].key != 0 && Int(entries[place].key - 1) / 64 == first {
      entries[place].count *= 0.5
      sum += entries[place].count
    }
    totals[first] = max(sum, totals[first] * 0.5)
  }

  private func set(_ key: UInt32) -> Int {
    let sets = PairTable.capacity / PairTable.ways
    return Int((key &* 0x9E37_79B1) >> 16) % sets * PairTable.ways
  }

  private func place(_ first: Int, _ second: Int) -> Int? {
    let key = UInt32(first * 64 + second + 1)
    let start = set(key)
    for place in start..<(start + PairTable.ways) where entries[place].key == key { return place }
    return nil
  }

  private func claim(_ first: Int, _ second: Int) -> Int {
    let key = UInt32(first * 64 + second + 1)
    let start = set(key)
    var rarest = start
    for place in start..<(start + PairTable.ways)
    where entries[place].count < entries[rarest].count {
      rarest = place
    }
    entries[rarest] = Entry(key: key, count: 0, location: 0, scale: 0)
    return rarest
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(&events)
    try coder.code(floats: totals, count: PairTable.totalCount)
    for place in 0..<PairTable.capacity {
      try coder.code(&entries[place].key)
      try coder.code(&entries[place].count)
      try coder.code(&entries[place].location)
      try coder.code(&entries[place].scale)
    }
  }
}
