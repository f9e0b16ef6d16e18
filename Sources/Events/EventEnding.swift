/// How an event came to be closed.
public enum EventEnding: UInt8, CaseIterable, Sendable {
  /// Its metric was seen normal again.
  case normal = 0
  /// Nothing more can be known of it: its metric was not seen again after the daemon was killed.
  case lost = 1
  /// Its metric has had no sample for `ForgetAfter=`, and was forgotten.
  case forgotten = 2
}
