import Detection
import Glibc
import Series
import Support
import Testing

/// How well faults in traces of a synthetic embedded system are found, compared with a bigram
/// model.
///
/// The traces' seeds differ from those on which the constants were chosen (1 to 4), and there are
/// enough that the share of faults found is known to some two percent: on the 84 faults of one seed
/// with 8,000 events, F1 varied from 0.75 to 0.85 by chance. Others: `TRACE_SEEDS=1,2,3,4
/// TRACE_EVENTS=12000 swift test -c release --filter SymbolQualityTests`.
@Suite(.enabled(if: Needs.optimisation.isMet, "\(Needs.optimisation)"))
struct SymbolQualityTests {
  /// Events after the last one of a fault within which an alarm still counts as raised by it.
  private static let slack = 10

  private static func setting(_ name: String, _ otherwise: String) -> String {
    getenv(name).map { String(cString: $0) } ?? otherwise
  }

  private static let seeds = setting("TRACE_SEEDS", "11,12,13,14,15").split(separator: ",")
    .compactMap {
      UInt64($0)
    }
  private static let events = Int(setting("TRACE_EVENTS", "12000")) ?? 12_000

  /// Alarms compared with labels, summed over threads.
  private struct Tally {
    var hits = 0
    var labels = 0
    var falseAlarms = 0
    var precision: Double { Double(hits) / Double(max(1, hits + falseAlarms)) }
    var recall: Double { Double(hits) / Double(max(1, labels)) }
    var f1: Double { 2 * precision * recall / max(1e-9, precision + recall) }

    var text: String {
      func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10)%" }
      return "precision \(percent(precision)), recall \(percent(recall)), F1 \(percent(f1)) "
        + "(\(hits) of \(labels) faults, \(falseAlarms) false alarms)"
    }

    mutating func add(_ alarms: [Int], _ thread: EmbeddedTrace.Thread) {
      func belongs(_ alarm: Int, _ label: EmbeddedTrace.Label) -> Bool {
        alarm >= label.places.lowerBound && alarm < label.places.upperBound + slack
      }
      labels += thread.labels.count
      hits += thread.labels.filter { label in alarms.contains { belongs($0, label) } }.count
      falseAlarms += alarms.filter { alarm in !thread.labels.contains { belongs(alarm, $0) } }.count
    }
  }

  private static func alarms(
    _ thread: EmbeddedTrace.Thread, _ training: SymbolTraining
  ) -> [Int] {
    let detector = SequenceDetector(scratch: training)
    return thread.events.indices.filter { index in
      var id = thread.events[index].id
      return id.withUTF8 {
        detector.step(Span(_unsafeElements: $0), at: thread.events[index].timestamp)
      }.opensEvent
    }
  }

  /// Bits of surprise of a bigram model with add-1/50 smoothing, learning online.
  private static func bigramBits(_ thread: EmbeddedTrace.Thread) -> [Double] {
    var counts: [String: [String: Double]] = [:]
    var totals: [String: Double] = [:]
    var previous = ""
    return thread.events.map { event in
      let count = counts[previous]?[event.id] ?? 0
      let bits = -log2((count + 0.02) / ((totals[previous] ?? 0) + 0.02 * 30))
      counts[previous, default: [:]][event.id, default: 0] += 1
      totals[previous, default: 0] += 1
      previous = event.id
      return bits
    }
  }

  /// Alarms of a surprise threshold with the detector's warm-up and hold-off.
  private static func alarms(_ bits: [Double], above threshold: Double) -> [Int] {
    var until = 300
    return bits.indices.filter { index in
      guard bits[index] >= threshold, index >= until else { return false }
      until = index + 30
      return true
    }
  }

  @Test func `faults of an embedded system are found, and more of them than by a bigram model`() {
    let training = SymbolTraining()
    var ours = Tally()
    var faults: [EmbeddedTrace.Fault: (hits: Int, labels: Int)] = [:]
    var bigram = [Double: Tally]()
    let thresholds = stride(from: 3.0, through: 14, by: 0.5)
    for seed in SymbolQualityTests.seeds {
      let trace = EmbeddedTrace(events: SymbolQualityTests.events, seed: seed, withFaults: true)
      for thread in trace.threads {
        let alarms = SymbolQualityTests.alarms(thread, training)
        ours.add(alarms, thread)
        for fault in EmbeddedTrace.Fault.allCases {
          var only = thread
          only.labels = thread.labels.filter { $0.fault == fault }
          var tally = Tally()
          tally.add(alarms, only)
          faults[fault, default: (0, 0)].hits += tally.hits
          faults[fault, default: (0, 0)].labels += tally.labels
        }
        let bits = SymbolQualityTests.bigramBits(thread)
        for threshold in thresholds {
          bigram[threshold, default: Tally()].add(
            SymbolQualityTests.alarms(bits, above: threshold), thread)
        }
      }
    }
    let best = bigram.max { $0.value.f1 < $1.value.f1 }
    print("detector at the default budget: \(ours.text)")
    for fault in EmbeddedTrace.Fault.allCases {
      let found = faults[fault] ?? (0, 0)
      print("  \(fault.rawValue): \(found.hits) of \(found.labels)")
    }
    if let best {
      print("bigram at its best threshold, \(best.key) bits: \(best.value.text)")
      #expect(ours.f1 > best.value.f1)
    }
    #expect(ours.f1 > 0.85)
    #expect(ours.precision > 0.9)
    #expect(ours.recall > 0.78)
    #expect((faults[.unknown]?.hits ?? 0) * 10 >= 9 * (faults[.unknown]?.labels ?? 1))
  }

  @Test func `false alarms on a trace without faults keep to the budget within a factor of two`() {
    let training = SymbolTraining()
    var alarms = 0
    var events = 0
    for seed in SymbolQualityTests.seeds {
      let trace = EmbeddedTrace(
        events: SymbolQualityTests.events, seed: seed + 2000, withFaults: false)
      for thread in trace.threads {
        alarms += SymbolQualityTests.alarms(thread, training).count
        events += thread.events.count
      }
    }
    let rate = Double(alarms) / Double(events) * 5_000
    print("false alarms in 5,000 events of a trace without faults: \((rate * 100).rounded() / 100)")
    #expect(rate <= 2)
  }
}
