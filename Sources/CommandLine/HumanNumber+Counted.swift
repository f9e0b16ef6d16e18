public import Series

extension HumanNumber {
  /// A count with its noun: `1 gap`, `1,200 gaps`.
  /// - Parameter plural: nil: the noun with an s.
  public static func counted(_ count: Int, _ noun: String, _ plural: String? = nil) -> String {
    "\(self.count(count)) \(count == 1 ? noun : plural ?? noun + "s")"
  }
}
