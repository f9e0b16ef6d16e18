import Detection
import Events
import Series
import Store
import Testing

private let now = Timestamp(seconds: 1.8e9)

private func event(_ number: Int, metric: String = "cpu.busy", samples: Int = 3) -> Event {
  let metric = MetricName(sanitizing: metric)
  let opened = Timestamp(seconds: 1.7e9 + Double(number) * 60)
  return Event(
    id: EventID(metric: metric, opened: opened, hostSeed: 1), metric: metric,
    cause: .evidence(.drift), direction: .high, severity: number % 2 == 0 ? .warning : .error,
    opened: opened, value: Double(number), expected: 1, lower: 0, upper: 2, score: 4,
    samples: (0..<samples).map { Sample(timestamp: opened, value: Double($0)) })
}

extension Event {
  fileprivate func updated(after seconds: Int) -> Event {
    var next = self
    next.updated = opened.advanced(by: .seconds(seconds))
    next.update = .ongoing
    return next
  }

  fileprivate func closed(after seconds: Int) -> Event {
    var next = self
    next.closed = opened.advanced(by: .seconds(seconds))
    return next
  }
}

@Suite struct EventHistoryTests {
  let scratch = Scratch()

  /// Runs `body` with the history in the directory, reopened.
  func open<Result>(
    maximumBytes: Int = 1 << 20, _ body: (EventHistory) throws -> Result
  ) throws -> Result {
    let state = try scratch.open()
    return try body(try EventHistory(in: state, maximumBytes: maximumBytes))
  }

  @Test func `recognises repeated steps after a crash, and only those`() throws {
    let steps: [EventTransition] = [
      .opened(event(1)), .opened(event(2, metric: "disk")), .updated(event(1).updated(after: 10)),
      .updated(event(1).updated(after: 20)), .closed(event(1).closed(after: 30)),
    ]
    try open { record in
      for step in steps { #expect(record.take(step, at: now)?.transition == step) }
      for step in steps { #expect(record.take(step, at: now) == nil) }
      #expect(record.commit())
    }
    try open { record in
      for step in steps { #expect(record.take(step, at: now) == nil) }
      let next = EventTransition.closed(event(2, metric: "disk").closed(after: 5))
      #expect(record.take(next, at: now)?.transition == next)
      #expect(record.openEvents == [])
    }
  }

  @Test func `an event that returns within its merge time is open again`() throws {
    var again = event(1).updated(after: 40)
    again.update = .again
    try open { record in
      _ = record.take(.opened(event(1)), at: now)
      _ = record.take(.closed(event(1).closed(after: 30)), at: now)
      #expect(record.isOpen(event(1).id) == false)
      #expect(record.take(.updated(again), at: now) != nil)
      #expect(record.take(.closed(event(1).closed(after: 30)), at: now) == nil)
      #expect(record.isOpen(event(1).id) == true)
      #expect(record.take(.closed(event(1).closed(after: 60)), at: now) != nil)
    }
  }

  @Test func `outputs are notified of a close exactly if they were of the opening`() throws {
    try open { record in
      let silent = record.take(.opened(event(1)), at: now, silence: "backup")
      #expect(silent?.silence == "backup")
      #expect(record.take(.updated(event(1).updated(after: 5)), at: now)?.silence != nil)
      #expect(record.take(.closed(event(1).closed(after: 9)), at: now)?.silence != nil)
      _ = record.take(.opened(event(2)), at: now)
      #expect(
        record.take(.updated(event(2).updated(after: 5)), at: now, silence: "x")?.silence == "x")
      record.commit()
    }
    try open { record in
      let close = EventTransition.closed(event(2).closed(after: 9))
      let step = try #require(record.take(close, at: now, silence: "backup"))
      #expect(step.silence == nil)
      // A silence that ends while its event is open emits it late.
      _ = record.take(.opened(event(3)), at: now, silence: "backup")
      #expect(record.take(.opened(event(3)), at: now, silence: "backup") == nil)
      #expect(record.take(.opened(event(3)), at: now)?.silence == nil)
      #expect(record.take(.opened(event(3)), at: now) == nil)
      #expect(record.take(.closed(event(3).closed(after: 9)), at: now)?.silence == nil)
    }
  }

  @Test func `outputs resume after the last delivered step`() throws {
    try open { record in
      for number in 0..<10 {
        _ = record.take(.opened(event(number, metric: "m\(number)")), at: now)
      }
      record.commit()
      record.setCursors(["file": 4, "pager": 10])
    }
    try open { record in
      #expect(record.cursor(of: "file") == 4)
      #expect(record.cursor(of: "pager") == 10)
      #expect(record.cursor(of: "other") == nil)
      var cursor = record.steps(after: 4)
      var read: [UInt64] = []
      while let step = record.next(&cursor) { read.append(step.sequence) }
      #expect(read == Array(5...10))
      // Later entries are read later, written or not.
      let later = record.take(.opened(event(20)), at: now)
      #expect(record.next(&cursor) == later.map { .event($0) })
      #expect(record.next(&cursor) == nil)
      record.commit()
      #expect(record.next(&cursor) == nil)
    }
  }

  @Test func `the oldest closed events are removed, open ones and cursors stay`() throws {
    try open(maximumBytes: 64 << 10) { record in
      _ = record.take(.opened(event(0, metric: "old")), at: now)
      record.commit()
      record.setCursors(["file": 1])
      record.take(
        Feedback(
          event: event(0, metric: "old").id, judgement: .confirmed, at: now, user: 7, note: "fan"))
      for number in 1..<300 {
        _ = record.take(.opened(event(number)), at: now)
        _ = record.take(.closed(event(number).closed(after: 9)), at: now)
        record.commit()
        #expect(record.bytes < 80 << 10)
      }
    }
    try open(maximumBytes: 64 << 10) { record in
      #expect(record.count > 20)
      #expect(record.count < 250)
      #expect(record.openEvents.map(\.step.transition.event.metric.text) == ["old"])
      #expect(record.openEvents.first?.feedback?.note == "fan")
      #expect(record.event(event(1).id) == nil)
      #expect(record.event(event(299).id)?.isOpen == false)
      #expect(record.cursor(of: "file") == 1)
      let close = EventTransition.closed(event(0, metric: "old").closed(after: 99))
      #expect(record.take(close, at: now)?.silence == nil)
    }
  }

  @Test func `lists the selected events, newest first, page by page`() throws {
    try open { record in
      for number in 0..<25 {
        _ = record.take(.opened(event(number, metric: "m\(number % 3)")), at: now)
        if number < 20 { _ = record.take(.closed(event(number).closed(after: 9)), at: now) }
      }
      for number in 0..<20 {
        let closed = event(number, metric: "m\(number % 3)").closed(after: 9)
        _ = record.take(.closed(closed), at: now)
      }
      func all(_ query: EventQuery) -> [Double] {
        var numbers: [Double] = []
        var next: UInt64?
        repeat {
          let page = record.page(query, before: next, limit: 4, effort: 6)
          numbers += page.events.map(\.step.transition.event.value)
          next = page.next
        } while next != nil
        return numbers
      }
      let known = (0..<25).reversed().map(Double.init)
      var query = EventQuery()
      query.metric = Glob("m?")
      #expect(all(query) == known)
      query.metric = Glob("m1")
      #expect(all(query) == known.filter { Int($0) % 3 == 1 })
      query.metric = Glob("m*")
      query.isOpen = true
      #expect(all(query) == known.filter { $0 >= 20 })
      query.isOpen = false
      query.severity = .error
      #expect(all(query) == known.filter { Int($0) % 2 == 1 })
      query.since = event(9).opened
      #expect(all(query) == known.filter { Int($0) % 2 == 1 && $0 >= 9 })
    }
  }

  @Test func `an event is found by either end of its id`() throws {
    try open { record in
      for number in 0..<3 { _ = record.take(.opened(event(number)), at: now) }
      let id = event(1).id
      let text = "\(id)"
      #expect(record.find(text) == .one(id))
      #expect(record.find(text.prefix(13)) == .one(id))
      #expect(record.find(text.uppercased().suffix(8)) == .one(id))
      #expect(record.find(text.prefix(6)) == .several(3))
      #expect(record.find("ffffffff") == .none)
      for bad in ["", "01", "cpu.busy", text + "0", "0g00"] {
        #expect(record.find(bad) == .malformed, "\(bad)")
      }
    }
  }

  @Test func `stores feedback, and its withdrawal`() throws {
    let id = event(1).id
    func feedback(_ judgement: Judgement) -> Feedback {
      Feedback(event: id, judgement: judgement, at: now, user: 1000, note: "fan swapped")
    }
    var evidence = EvidenceVector(.values)
    for (index, kind) in evidence.family.kinds.enumerated() { evidence[kind] = Float(index + 1) }
    try open { record in
      _ = record.take(.opened(event(1)), at: now, evidence: evidence)
      record.take(feedback(.falseAlarm))
      #expect(record.event(id)?.feedback == feedback(.falseAlarm))
      _ = record.take(.closed(event(1).closed(after: 9)), at: now)
      record.commit()
    }
    try open { record in
      #expect(record.event(id)?.feedback == feedback(.falseAlarm))
      #expect(record.evidence(of: id) == evidence)
      #expect(record.judgedEvents.map(\.step.transition.event.id) == [id])
      record.take(feedback(.withdrawn))
      #expect(record.event(id)?.feedback == nil)
    }
    try open { #expect($0.event(id)?.feedback == nil) }
  }

  @Test func `truncated anywhere, it keeps the entries before, and the rest is notified again`()
    throws
  {
    let steps: [EventTransition] = [
      .opened(event(1)), .opened(event(2, metric: "disk")), .closed(event(1).closed(after: 30)),
      .closed(event(2, metric: "disk").closed(after: 30)),
    ]
    try open { record in
      for step in steps {
        _ = record.take(step, at: now)
        record.commit()
      }
    }
    let name = "events-0000000000000001"
    let whole = try scratch.read(name)
    for cut in stride(from: 0, through: whole.count, by: 7) {
      try scratch.write(name, Array(whole[..<cut]))
      try open { record in
        var seen: [EventTransition] = []
        var cursor = record.steps(after: 0)
        while let step = record.next(&cursor)?.event { seen.append(step.transition) }
        #expect(seen == Array(steps.prefix(seen.count)))
        let again = steps.compactMap { record.take($0, at: now)?.transition }
        #expect(seen + again == steps, "cut at \(cut)")
        #expect(record.openEvents == [])
      }
    }
  }
}
