import Series

/// The keys of a table in which several rows belong to one time, such as one for each host: each
/// has its own metrics and its own chronological order.
struct CSVKeys {
  private struct Key {
    let hash: UInt64
    let text: String
    var order = CSVTimeOrder()
  }

  private var keys: [Key] = []
  private var places: [UInt64: Int] = [:]

  /// How many there are.
  var count: Int { keys.count }

  /// The text of a key.
  func text(_ place: Int) -> String { keys[place].text }

  /// The chronological order of a key's rows.
  subscript(place: Int) -> CSVTimeOrder {
    get { keys[place].order }
    _modify { yield &keys[place].order }
  }

  /// The index of the key in `bytes[range]`; nil if it is new and there are already
  /// ``CSVLimits/keys``. Allocates only for a new one.
  mutating func place(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
    let hash = TraceEvent.hash(bytes.extracting(range))
    if let known = places[hash] { return known }
    guard keys.count < CSVLimits.keys else { return nil }
    keys.append(Key(hash: hash, text: CSVTokens.text(bytes, range)))
    places[hash] = keys.count - 1
    return keys.count - 1
  }
}
