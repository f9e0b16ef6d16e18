import Calendar

extension ValueSyntax where Value == [CalendarExpression] {
  /// One calendar expression an assignment.
  static let schedule = ValueSyntax(
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

extension ValueSyntax where Value == Duration {
  /// How long a silence lasts; empty where it is not given.
  static let silenceDuration = {
    let form = ValueSyntax.timeSpan(Settings.Silence.durations)
    return ValueSyntax(expectation: form.expectation, parse: form.parse) {
      $0 == .zero ? "" : form.format($0)
    }
  }()
}

extension ValueSyntax where Value == String {
  /// What a silence is for.
  static let reason = ValueSyntax(
    expectation: "at most \(Settings.Silence.maximumReasonBytes) bytes of text"
  ) {
    $0.utf8.count <= Settings.Silence.maximumReasonBytes ? $0 : nil
  } format: {
    $0
  }
}
