extension SettingsTable {
  static let silence: [Key<Settings.Silence>] = [
    Key(
      "Metrics",
      \.metrics,
      .globs,
      "The metrics that it is about, as patterns over their names; empty for all. A second "
        + "assignment adds to the first."
    ),
    Key(
      "Schedule",
      \.schedule,
      .schedule,
      "When it begins: a calendar expression of systemd.time(7), such as Sat 02:00, "
        + "*-*-1..7 03:00 UTC or Mon..Fri *:00/30; required. Without a time zone at its end it is in "
        + "local time. A second assignment adds another one. systemd-analyze calendar explains them."
    ),
    Key(
      "Duration",
      \.duration,
      .silenceDuration,
      "How long it lasts each time; required. Where it begins anew before it has ended, it goes on."
    ),
    Key(
      "SuppressAlarms",
      \.suppressAlarms,
      .truth,
      "Whether outputs are told nothing of events that open while it lasts. They are recorded all "
        + "the same, marked as silenced. Of one that is still open when the silence ends, outputs are "
        + "told then. Events that were open before are closed in the hearing of all."
    ),
    Key(
      "SuppressLearning",
      \.suppressLearning,
      .truth,
      "Whether detectors forget, when it ends, what they have learnt while it lasted, as if no "
        + "samples had come. For loads so unlike the usual ones that they must not become usual; what "
        + "recurs is better learnt. Costs some 28 kB of memory for each metric while it lasts; see "
        + "SilenceMemory= of [Agent]."
    ),
    Key(
      "Reason",
      \.reason,
      .reason,
      "What for, in words; shown wherever the silence is."
    ),
  ]
}
