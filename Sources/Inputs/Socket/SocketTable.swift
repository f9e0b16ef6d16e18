import Series

/// The known series, looked up by the bytes of their names.
///
/// An open-addressing hash table with a different seed in each process, so that senders cannot
/// choose names that collide. Lookups do not allocate.
struct SocketTable {
  /// The series, in the order of their first use.
  private(set) var series: [SocketSeries] = []
  /// Metrics of all of them.
  private(set) var metrics = 0

  private var hashes: [Int] = []
  /// Indices in ``series``, negative for free buckets. Their number is a power of two, and at most
  /// half of them are used.
  private var buckets = [Int32](repeating: -1, count: 64)

  /// The series at `index`, to be modified in place.
  subscript(index: Int) -> SocketSeries {
    get { series[index] }
    _modify { yield &series[index] }
  }

  /// The index of the series of that name, nil if there is none.
  func find(_ name: SocketName) -> Int? {
    find(name.bytes, count: name.count)
  }

  /// The index of the series of that name, nil if there is none.
  func find(_ key: [UInt8]) -> Int? { find(key, count: key.count) }

  /// Adds a series whose name is new.
  /// - Returns: its index.
  mutating func append(_ new: SocketSeries) -> Int {
    let hash = SocketTable.hash(new.key, count: new.key.count)
    series.append(new)
    hashes.append(hash)
    metrics += new.kind.metrics
    if series.count * 2 > buckets.count {
      rebuild(size: buckets.count * 2)
    } else {
      place(series.count - 1, hash)
    }
    return series.count - 1
  }

  /// Removes all series for which `isGone` holds, with the parts of timers among them; the indices of
  /// the others change.
  mutating func removeAll(where isGone: (SocketSeries) -> Bool) {
    var gone: Set<[UInt8]> = []
    for known in series where known.kind != .part && isGone(known) {
      gone.insert(known.key)
      guard known.kind == .timer else { continue }
      for part in SocketSeries.timerParts {
        gone.insert(SocketName.key(known.key, stem: known.stem, part: part))
      }
    }
    guard !gone.isEmpty else { return }
    series.removeAll { gone.contains($0.key) }
    hashes = series.map { SocketTable.hash($0.key, count: $0.key.count) }
    metrics = series.reduce(0) { $0 + $1.kind.metrics }
    rebuild(size: buckets.count)
  }

  private func find(_ key: [UInt8], count: Int) -> Int? {
    let hash = SocketTable.hash(key, count: count)
    let mask = buckets.count - 1
    var bucket = hash & mask
    while buckets[bucket] >= 0 {
      let index = Int(buckets[bucket])
      if hashes[index] == hash, SocketTable.isEqual(series[index].key, key, count) { return index }
      bucket = (bucket + 1) & mask
    }
    return nil
  }

  private mutating func rebuild(size: Int) {
    buckets = [Int32](repeating: -1, count: size)
    for index in series.indices { place(index, hashes[index]) }
  }

  private mutating func place(_ index: Int, _ hash: Int) {
    let mask = buckets.count - 1
    var bucket = hash & mask
    while buckets[bucket] >= 0 { bucket = (bucket + 1) & mask }
    buckets[bucket] = Int32(index)
  }

  private static func hash(_ key: [UInt8], count: Int) -> Int {
    var hasher = Hasher()
    key.withUnsafeBytes { hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    return hasher.finalize()
  }

  private static func isEqual(_ known: [UInt8], _ key: [UInt8], _ count: Int) -> Bool {
    guard known.count == count else { return false }
    for index in 0..<count where known[index] != key[index] { return false }
    return true
  }
}
