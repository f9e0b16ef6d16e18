import Series

/// The ids of a trace, each with its symbol: a number below ``Alphabet/capacity``.
///
/// Ids are distinguished by a 64-bit hash of their bytes, so that a known one costs no allocation;
/// its text is kept for messages. Once all named symbols are assigned, every further id maps to
/// ``other``.
struct Alphabet {
  /// Symbols, "other" included.
  static let capacity = 62
  /// The symbol of every id seen after the alphabet was full.
  static let other = capacity - 1

  private var hashes: [UInt64] = []
  /// The ids in order of appearance; the index of an id is its symbol.
  private(set) var texts: [String] = []

  init() {
    hashes.reserveCapacity(Alphabet.other)
    texts.reserveCapacity(Alphabet.other)
  }

  /// Number of named symbols assigned.
  var count: Int { texts.count }
  /// Whether further ids become ``other``.
  var isFull: Bool { texts.count == Alphabet.other }

  /// The symbol of an id, assigned when it first appears; allocates only then.
  /// - Parameter learns: whether an unknown id gets a symbol; otherwise it is ``other``, and new.
  mutating func symbol(of id: Span<UInt8>, learns: Bool = true) -> (symbol: Int, isNew: Bool) {
    let hash = TraceEvent.hash(id)
    for symbol in 0..<hashes.count where hashes[symbol] == hash { return (symbol, false) }
    guard !isFull else { return (Alphabet.other, false) }
    guard learns else { return (Alphabet.other, true) }
    hashes.append(hash)
    texts.append(id.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) })
    return (texts.count - 1, true)
  }

  /// The text of a symbol.
  func name(of symbol: Int) -> String {
    symbol < texts.count ? texts[symbol] : "another id"
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    // An id that is not UTF-8 is longer as text.
    try coder.code(&texts, maximum: Alphabet.other, longest: 3 * TraceEvent.longest)
    if hashes.count != texts.count { hashes = [UInt64](repeating: 0, count: texts.count) }
    for place in hashes.indices { try coder.code(&hashes[place]) }
  }
}
