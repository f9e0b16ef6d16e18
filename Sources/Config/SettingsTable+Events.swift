extension SettingsTable {
  static let events: [Key<Settings.Events>] = [
    Key(
      "Path",
      \.file.paths,
      .paths,
      "The files to follow, as patterns; required. Rotation is followed as with Type=csv."
    ),
    Key(
      "MaximumFiles",
      \.file.maximumFiles,
      .wholeNumber(1...10_000),
      "The most files that are followed at once. More that match are not read, which is told and "
        + "shown by anomalyctl status."
    ),
    Key(
      "Interval", \.file.interval, .timeSpan(intervalRange), "Time between two looks at the files."),
    Key("Header", \.file.header, .header, "Whether the first line names the columns."),
    Key(
      "EventColumn",
      \.eventColumn,
      .column(or: "auto"),
      "The column of the ids of events, by name or position; ids are text of at most 64 bytes. auto: "
        + "the first column that holds neither time stamps nor threads."
    ),
    Key(
      "ThreadColumn",
      \.threadColumn,
      .column(or: "none"),
      "The column of threads, processes or devices, each a stream with a model of its own. none: "
        + "all events are one stream."
    ),
    Key(
      "TimestampColumn",
      \.file.timestampColumn,
      .timestampColumn,
      "The column of the time stamps, by name or position. none: the moment of reading is the time "
        + "stamp. Rows are taken in the order of the file; between two events of a thread that run "
        + "back in time no interval is judged."
    ),
    Key(
      "TimestampFormat",
      \.file.timestampFormat,
      .timestampFormat,
      "How time stamps are written: ISO 8601, seconds or milliseconds since 1970 or any other "
        + "moment, or a pattern as in strptime(3). Without a zone they are in UTC."
    ),
    Key(
      "Delimiter",
      \.file.delimiter,
      .delimiter,
      "What stands between two cells; auto finds out from the first lines."
    ),
    Key(
      "MaximumStreams",
      \.maximumStreams,
      .wholeNumber(1...10_000),
      "The most threads that are watched at once, some 100 kB each. Events of further ones are "
        + "refused, which is told and counted by anomalyctl status."
    ),
    Key(
      "StreamTimeout",
      \.streamTimeout,
      .timeSpan(.seconds(1) ... .seconds(365 * 86_400)),
      "How long nothing must have come of a thread before a new one may take its place; what was "
        + "learnt of it is forgotten then."
    ),
    Key(
      "Prefix",
      \.file.prefix,
      .filePrefix,
      "What streams are called, before a dot and the thread where there are threads. Default: NAME "
        + "of the section."
    ),
    Key(
      "Start",
      \.file.start,
      .choice(),
      "Where to begin: saved goes on where the last run stopped, and at the beginning of a file not "
        + "seen before; end takes only what is added from now on."
    ),
    .silenceAfter("Only who knows what writes the trace knows how often it does."),
  ]
}
