import Calendar

extension Form where Value == [CalendarExpression] {
  /// One calendar expression an assignment.
  static let schedule = Form(
    expectation: "a calendar expression of systemd.time(7) such as Sat 02:00",
    emptied: [],
    adding: { $0 + $1 }
  ) { text in
    (try? CalendarExpression(parsing: text, zone: ZoneFiles.rules(named:))).map { [$0] }
  } format: { expressions in
    // Several take an assignment each: see ``Settings/describe()``.
    expressions.map(\.description).joined(separator: "\n")
  }
}

extension Form where Value == Duration {
  /// How long a silence lasts; empty where it is not given.
  static let silenceDuration = {
    let form = Form.timeSpan(Settings.Silence.durations)
    return Form(expectation: form.expectation, parse: form.parse) {
      $0 == .zero ? "" : form.format($0)
    }
  }()
}

extension Form where Value == String {
  /// What a silence is for.
  static let reason = Form(
    expectation: "at most \(Settings.Silence.maximumReasonBytes) bytes of text"
  ) {
    $0.utf8.count <= Settings.Silence.maximumReasonBytes ? $0 : nil
  } format: {
    $0
  }
}
