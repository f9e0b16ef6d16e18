import LSTM

/// The one block of memory of a symbol detector, and what lies where in it.
struct SymbolMemory: ~Copyable {
  /// The block's size in bytes.
  static let byteCount: Int = {
    var cursor = MemoryCursor(base: nil)
    _ = Places(&cursor)
    return cursor.byteCount
  }()

  let places: Places
  private let base: UnsafeMutableRawPointer

  /// A block of zeros.
  init() {
    base = .allocate(byteCount: SymbolMemory.byteCount, alignment: 64)
    base.initializeMemory(as: UInt8.self, repeating: 0, count: SymbolMemory.byteCount)
    var cursor = MemoryCursor(base: base)
    places = Places(&cursor)
  }

  deinit {
    base.deallocate()
  }

  /// Where each part lies.
  struct Places {
    let weights: UnsafeMutablePointer<Float>
    let momentMean: UnsafeMutablePointer<Float>
    let momentVariance: UnsafeMutablePointer<Float>
    /// h and c now.
    let state: UnsafeMutablePointer<Float>
    /// What is expected of the coming event.
    let outputs: UnsafeMutablePointer<Float>
    /// h and c before those of the last 32 events from which learning may start.
    let recentStates: UnsafeMutablePointer<Float>
    /// h and c at the start of each of the last 32 chunks of 32 events.
    let chunkStates: UnsafeMutablePointer<Float>
    /// The last 1024 symbols.
    let symbols: UnsafeMutablePointer<UInt8>
    /// The intervals before them on the network's scale, NaN where not known.
    let intervals: UnsafeMutablePointer<Float>
    let pairs: UnsafeMutablePointer<PairTable.Entry>
    let totals: UnsafeMutablePointer<Float>
    /// Of the last events, in nats.
    let surprises: UnsafeMutablePointer<Float>
    /// Of their intervals, in nats.
    let paces: UnsafeMutablePointer<Float>
    /// How often each symbol is among the last events.
    let recentCounts: UnsafeMutablePointer<Float>
    let levels: UnsafeMutablePointer<Float>

    fileprivate init(_ cursor: inout MemoryCursor) {
      let shape = SymbolForecaster.shape
      weights = cursor.take(shape.parameterCount)
      momentMean = cursor.take(shape.parameterCount)
      momentVariance = cursor.take(shape.parameterCount)
      state = cursor.take(shape.stateCount)
      outputs = cursor.take(shape.lanes)
      recentStates = cursor.take(SymbolForecaster.recentStatesHeld * shape.stateCount)
      chunkStates = cursor.take(SymbolForecaster.chunks * shape.stateCount)
      symbols = cursor.take(SymbolForecaster.memory)
      intervals = cursor.take(SymbolForecaster.memory)
      pairs = cursor.take(PairTable.capacity)
      totals = cursor.take(PairTable.totalCount)
      surprises = cursor.take(WindowedSurprise.longest)
      paces = cursor.take(WindowedSurprise.longest)
      recentCounts = cursor.take(Alphabet.capacity)
      levels = cursor.take(LevelTracker.window)
    }
  }
}
