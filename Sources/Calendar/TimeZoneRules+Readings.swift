extension TimeZoneRules {
  /// When a clock of this zone shows a reading: once, twice where it is set back past the reading,
  /// or never where it is set forward past it; then as if it had not been set yet.
  /// - Parameter reading: seconds since 1970-01-01 00:00 as the clock shows them.
  /// - Returns: the first and the last such instant, in seconds since 1970-01-01 00:00 UTC.
  public func instants(showing reading: Int) -> (first: Int, last: Int) {
    // No offset from UTC is a day and more.
    var period = period(at: reading - 86_400)
    var shown: (first: Int, last: Int)?
    var skipped = reading - period.offset
    while true {
      let instant = reading - period.offset
      if instant >= period.ends {
        skipped = instant
      } else if instant >= period.begins {
        shown = (shown?.first ?? instant, instant)
      }
      guard period.ends <= reading + 86_400 else { break }
      period = self.period(at: period.ends)
    }
    return shown ?? (skipped, skipped)
  }
}
