import Detection
import Glibc
import Series

/// The newest events of one metric, used to recognise recurring ones.
///
/// Bounded: ``capacity`` events of 16 bytes each, nothing for a metric that has had none.
struct EventMemory: Equatable, Sendable {
  /// The most events that are remembered; after that the oldest is forgotten.
  static let capacity = 32
  /// Number of similar earlier events from which an event without a schedule counts as seen before.
  private static let leastSimilar = 6

  /// The remembered properties of an event.
  fileprivate struct Entry: Equatable, BitwiseCopyable {
    /// When it began, in minutes since 1970-01-01T00:00Z.
    var minute: Int32
    /// Decimal logarithms of its size at its opening, and of its largest size.
    var opening: Float
    var largest: Float
    /// How long it lasted, in minutes; saturates.
    var length: UInt16
    var shape: Shape
    var isHigh: Bool
  }

  /// Kinds of evidence that one fault may raise in turn count as one.
  fileprivate enum Shape: UInt8 {
    case burst = 0
    case drift = 1
    case quiet = 2

    init?(_ cause: EventCause) {
      switch cause {
      case .evidence(.jump), .evidence(.value), .evidence(.value3), .evidence(.window8),
        .evidence(.window48), .evidence(.window144), .evidence(.season), .evidence(.season32):
        self = .burst
      case .evidence(.drift): self = .drift
      case .evidence(.quiet): self = .quiet
      default: return nil
      }
    }
  }

  /// In memory of its own, which hardly any metric has: none or one.
  private var kept: [Kept] = []

  private struct Kept: Equatable {
    /// Oldest first.
    var entries: [Entry]
    /// Waits for the next occurrence; nil: none is expected.
    var watch: VisitWatch?
  }

  private var entries: [Entry] { kept.first?.entries ?? [] }

  /// Whether nothing is remembered.
  var isEmpty: Bool { kept.isEmpty }

  /// Remembers an event that has ended; one that had resumed replaces its earlier entry.
  mutating func note(_ event: Event) {
    guard let entry = Entry(event) else { return }
    // No spare capacity: a metric has few events.
    var remembered = [Entry]()
    let entries = entries
    let others = entries.last?.minute == entry.minute ? entries.dropLast() : entries[...]
    let old = others.suffix(EventMemory.capacity - 1)
    remembered.reserveCapacity(old.count + 1)
    remembered += old
    remembered.append(entry)
    let earlier = kept.first?.watch
    // An event that was open while another one was due hides it.
    let isPending = earlier.map { (event.closed ?? event.opened) < $0.due.lowerBound } ?? false
    let watch = EventMemory.watch(of: remembered) ?? (isPending ? earlier : nil)
    kept = [Kept(entries: remembered, watch: watch)]
  }

  /// Forgets everything: such events have been confirmed as faults.
  mutating func clear() { kept = [] }

  /// The comparison of an opening event with earlier ones; nil if there is none.
  func recurrence(of event: Event) -> Recurrence? {
    guard !entries.isEmpty, let new = Entry(event) else { return nil }
    let same = entries.filter { $0.shape == new.shape && $0.isHigh == new.isHigh }
    let similar = same.filter { $0.resembles(new) }
    if let schedule = EventSchedule(of: similar.map(\.beginning), around: new.beginning) {
      return Recurrence(.scheduled, similar, schedule)
    }
    let isLarger = same.allSatisfy { $0.largest + Recurrence.tolerance < new.opening }
    if isLarger, let schedule = EventSchedule(of: same.map(\.beginning), around: new.beginning) {
      return Recurrence(.higher, same, schedule)
    }
    if let schedule = EventMemory.schedule(of: similar) {
      return Recurrence(.unscheduled, similar, schedule)
    }
    guard similar.count >= EventMemory.leastSimilar else { return nil }
    return Recurrence(.unordered, similar, nil)
  }

  // MARK: Due occurrences

  /// A watch for the next one like the newest of `entries`.
  private static func watch(of entries: [Entry]) -> VisitWatch? {
    guard let newest = entries.last, newest.shape != .quiet else { return nil }
    let similar = entries.filter { $0.resembles(newest) }
    let schedules = (1...7).lazy.compactMap { days in
      EventSchedule(of: similar.map(\.beginning), around: newest.beginning + days * 1440)
    }
    guard let schedule = schedules.first else { return nil }
    return VisitWatch(
      schedule, minutes: similar.map(\.beginning), isHigh: newest.isHigh,
      size: similar.map(\.opening).min() ?? newest.opening)
  }

  /// An event has opened: the expected one, or one that hides it.
  mutating func noteOpening(at moment: Timestamp) {
    guard !kept.isEmpty, let watch = kept[0].watch, moment >= watch.due.lowerBound else { return }
    kept[0].watch = nil
  }

  /// Samples are missing between two times.
  mutating func noteGap(_ gap: ClosedRange<Timestamp>) {
    if !kept.isEmpty { kept[0].watch?.noteGap(gap) }
  }

  /// Checks a sample against the watch.
  /// - Returns: the watch whose occurrence was missed; nil if there is nothing to report.
  mutating func missedVisit(at sample: Sample) -> VisitWatch? {
    guard !kept.isEmpty, let isMissed = kept[0].watch?.take(sample) else { return nil }
    defer { kept[0].watch = nil }
    return isMissed ? kept[0].watch : nil
  }

  /// The schedule that the newest of `entries` follows.
  private static func schedule(of entries: [Entry]) -> EventSchedule? {
    guard let newest = entries.last?.beginning else { return nil }
    // As seen on the next day, or on the same day of the next week.
    return [1, 7].lazy.compactMap { days in
      EventSchedule(of: entries.map(\.beginning), around: newest + days * 1440)
    }.first
  }

  /// The decimal logarithm of the distance of `value` from the expected value, in the metric's
  /// unit; at least half the band, so that an event with an unusual pattern but a usual value has a
  /// size too.
  static func size(of event: Event, at value: Double) -> Float {
    let isDrift = event.usual.isFinite
    let usual = isDrift ? event.usual : event.expected
    let distance = abs((isDrift ? event.level : value) - (usual.isFinite ? usual : 0))
    let band = (event.upper - event.lower) / 2
    let size = max(distance, band.isFinite ? band : 0, .leastNormalMagnitude)
    return Float(log10(size))
  }
}

extension EventMemory.Entry {
  /// The entry for an event; nil if it should not be remembered, because a limit or a user decides
  /// about it.
  fileprivate init?(_ event: Event) {
    guard let shape = EventMemory.Shape(event.cause) else { return nil }
    self.init(
      minute: Int32(clamping: event.opened.nanoseconds / 60_000_000_000),
      opening: EventMemory.size(of: event, at: event.value),
      largest: EventMemory.size(of: event, at: event.peakValue),
      length: UInt16(clamping: event.duration.components.seconds / 60), shape: shape,
      isHigh: event.usual.isFinite ? event.level > event.usual : event.value > event.expected)
  }

  fileprivate var beginning: Int { Int(minute) }

  fileprivate func resembles(_ other: EventMemory.Entry) -> Bool {
    shape == other.shape && isHigh == other.isHigh
      && abs(opening - other.opening) <= Recurrence.tolerance
  }
}

extension Recurrence {
  fileprivate init(
    _ standing: Standing, _ earlier: [EventMemory.Entry], _ schedule: EventSchedule?
  ) {
    self.standing = standing
    self.earlier = earlier.count
    self.schedule = schedule
    largest = earlier.map(\.largest).max() ?? 0
    longestMinutes = earlier.map(\.length).max() ?? 0
  }
}

extension EventMemory {
  func encode(to writer: inout ByteWriter) {
    writer.write(UInt8(entries.count))
    for entry in entries {
      writer.write(UInt32(bitPattern: entry.minute))
      writer.write(entry.opening)
      writer.write(entry.largest)
      writer.write(entry.length)
      writer.write(entry.shape.rawValue)
      writer.write(entry.isHigh)
    }
    writer.write(kept.first?.watch != nil)
    kept.first?.watch?.encode(to: &writer)
  }

  /// - Parameter hasWatch: whether it was written by a version that expects visits.
  init(from reader: inout ByteReader, hasWatch: Bool) throws(ByteReaderError) {
    let offset = reader.offset
    let count = try reader.readUInt8()
    guard count <= EventMemory.capacity else {
      throw .outOfRange(offset: offset, value: Int64(count))
    }
    var entries: [Entry] = []
    for _ in 0..<count {
      entries.append(
        Entry(
          minute: Int32(bitPattern: try reader.readUInt32()), opening: try reader.readFloat(),
          largest: try reader.readFloat(), length: try reader.readUInt16(),
          shape: try reader.readCase(Shape.init(rawValue:)), isHigh: try reader.readBool()))
    }
    let expects = hasWatch ? try reader.readBool() : false
    let watch = expects ? try VisitWatch(from: &reader) : nil
    if count > 0 { kept = [Kept(entries: entries, watch: watch)] }
  }
}
