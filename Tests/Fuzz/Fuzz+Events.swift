import Series

@testable import Inputs

/// Takes events, under no more names than there is room for.
private final class EventSink: SampleSink {
  private(set) var text = ""
  private(set) var streams: [MetricName] = []

  func metric(named name: MetricName) -> MetricID? { nil }

  func receive(_ sample: Sample, of metric: MetricID) {}

  func stream(named name: MetricName, inPlaceOf idle: MetricID?) -> MetricID? {
    promise((try? MetricName(validating: name.text)) != nil, "a stream's name is one")
    if let idle {
      streams[idle.index] = name
      return idle
    }
    if let known = streams.firstIndex(of: name) { return MetricID(index: known) }
    streams.append(name)
    return MetricID(index: streams.count - 1)
  }

  func receive(event id: Span<UInt8>, at timestamp: Timestamp, of stream: MetricID) {
    promise(TraceEvent.isValid(id), "an id is one")
    let id = id.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    text += "\(streams[stream.index])=\(id)@\(timestamp.nanoseconds) "
  }
}

nonisolated(unsafe) private var scratch = CSVScratch()
private let now = Timestamp(seconds: 1_700_000_000)
private let head = Array("time,id,thread\n1699999990,start,1\n1699999991,stop,2\n".utf8)

/// What came of a trace.
private struct Outcome: Equatable {
  var text = ""
  var streams = 0
  var layouts = 0
}

/// All events of a trace, as they come so many bytes at a time.
private func outcome(_ bytes: [UInt8], piece: Int, maximum: Int) -> Outcome {
  var configuration = TableSection()
  configuration.header = .present
  configuration.delimiter = UInt8(ascii: ",")
  configuration.timestampColumn = .column(.named("time"))
  configuration.timestampFormat = .epoch(.seconds)
  var columns = TraceColumns()
  (columns.event, columns.thread) = (.named("id"), .named("thread"))
  configuration.trace = columns
  var decoder = CSVDecoder(path: "/x", table: configuration)
  decoder.attach(&scratch)
  defer { decoder.detach(&scratch) }
  let source = MemorySource(bytes, piece: piece)
  let sink = EventSink()
  var streams = TraceThreads(prefix: "x", maximum: maximum, timeout: .seconds(60))
  var isFinal = false
  while true {
    while decoder.next(now: now, isFinal: isFinal) == .row {
      let places = decoder.eventPlaces
      let bytes = decoder.buffer.bytes
      _ = streams.deliver(
        bytes.span.extracting(places.id), of: bytes.span.extracting(places.thread),
        at: decoder.row.timestamp, poll: 1, into: sink)
    }
    if isFinal {
      return Outcome(
        text: sink.text, streams: sink.streams.count, layouts: decoder.layoutGeneration)
    }
    isFinal = (try? decoder.fill(from: source, limit: piece)) == 0
  }
}

extension FuzzTarget {
  /// A trace of events in several threads; the same in large pieces and in small ones.
  static let events = FuzzTarget(
    "events",
    texts: [
      "1700000000.25,openat,4711\n1700000000.5,read,4711\n1700000001,exit_group,4712\n",
      "1700000000,\"IRQ enter, 7\",\n1700000001,,1\n1700000002,a\tb,1\n",
      "1700000000,a,1\n1700000100,b,2\n1700000200,c,3\n1700000300,d,4\n1,e,5\n",
      "time,thread,id\n1700000000,7,a\n",
    ]
  ) { bytes in
    let file = head + bytes
    let whole = outcome(file, piece: 1 << 16, maximum: 3)
    let pieces = outcome(file, piece: 7, maximum: 3)
    promise(whole.streams <= 3, "no more streams than there is room for")
    // What a header in the middle says depends on the lines that are there by then.
    guard whole.layouts == 1, pieces.layouts == 1 else { return }
    promise(whole == pieces, "the same events: \(whole.text) \(pieces.text)")
  }
}
