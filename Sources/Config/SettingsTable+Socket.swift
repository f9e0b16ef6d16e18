extension SettingsTable {
  static let socket: [Key<Settings.Socket>] = [
    Key(
      "Path",
      \.path,
      .socketPath,
      "Where the socket lies. Under systemd the default is $RUNTIME_DIRECTORY/metrics.sock. A "
        + "socket that systemd passes for this path (ListenDatagram= of a socket unit) is taken."
    ),
    Key(
      "SocketMode",
      \.mode,
      .fileMode,
      "Who may send, as permission bits of the socket's file: 0666 for everybody, 0660 for members "
        + "of its group. What one user can use up is limited below."
    ),
    Key(
      "SocketGroup",
      \.group,
      .groupName,
      "The group of the socket's file. The daemon must be in it: SupplementaryGroups= in a drop-in "
        + "of anomalyd.service. Default: the group of the daemon."
    ),
    Key(
      "FlushInterval",
      \.flushInterval,
      .timeSpan(.seconds(1) ... .seconds(3_600)),
      "The interval over which StatsD lines are summed up; it ends at whole multiples of its length. "
        + "Counters are told as a rate per second, 0 where none came; timers as .rate (per second), "
        + ".mean, .p95 and .max; sets as the number of different things. Fields of the line protocol "
        + "are told as they come."
    ),
    Key(
      "IdleGauges",
      \.idleGauges,
      .choice(),
      "What a gauge says in an interval in which it was not sent: nothing, so that it is seen when "
        + "its sender is gone; or its last value again, for senders that speak only of changes."
    ),
    Key(
      "SignedGauges",
      \.signedGauges,
      .choice(),
      "What a sign before a gauge's number means: a change of its value, as in StatsD, or just the "
        + "sign, as in DogStatsD."
    ),
    Key(
      "Tags",
      \.tags,
      .tags,
      "The tags that become part of a metric's name, as ,key=value in the order of their keys; the "
        + "others are dropped, and what differs in them alone is one metric. A second assignment "
        + "adds to the first."
    ),
    Key(
      "TimestampPrecision",
      \.precision,
      .choice(),
      "The unit of time stamps in the line protocol; auto finds it out from the size of each number. "
        + "Time stamps older than a day or more than a minute ahead are malformed."
    ),
    Key(
      "ForgetAfter",
      \.forgetAfter,
      .timeSpanOrInfinity(.seconds(60) ... .seconds(365 * 86_400)),
      "How long nobody may have sent a metric until its place under the limits is given to others; "
        + "till then an idle counter is 0."
    ),
    Key(
      "DatagramsPerSecond",
      \.datagramsPerSecond,
      .wholeNumber(1...1_000_000),
      "The most datagrams of one user in a second. What a user sends beyond this limit and the next "
        + "two is dropped, counted, and told once."
    ),
    Key(
      "MaximumDatagramBytes",
      \.datagramBytes,
      .byteSize(512...(64 << 10)),
      "The longest datagram; it may hold many lines. A longer one is dropped whole."
    ),
    Key(
      "MetricsPerSender",
      \.metricsPerSender,
      .wholeNumber(1...100_000),
      "The most metrics that the processes of one user may bring; a timer has four."
    ),
    Key(
      "MaximumMetrics",
      \.maximumMetrics,
      .wholeNumber(1...100_000),
      "The most metrics of all senders together, so that other inputs keep room under that of "
        + "[Agent]."
    ),
    Key(
      "Prefix",
      \.prefix,
      .prefix,
      "What metric names begin with, before a dot and the name that was sent. Default: NAME of the "
        + "section; \"\" for none."
    ),
    .silenceAfter("Only who knows the senders knows how often they speak."),
  ]
}
