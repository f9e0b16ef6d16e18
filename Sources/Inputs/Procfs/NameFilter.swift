internal import Glibc

/// Which names are wanted: shell patterns (`*`, `?`, `[a-z]`) to include, then to exclude.
public struct NameFilter: Equatable, Sendable {
  /// A name is wanted only if one of these matches; an empty list matches every name.
  public var include: [String]
  /// A name that one of these matches is not wanted, regardless of `include`.
  public var exclude: [String]

  /// A filter of shell patterns as in `fnmatch(3)`.
  public init(include: [String] = [], exclude: [String] = []) {
    self.include = include
    self.exclude = exclude
  }

  /// Whether `name` is wanted.
  /// - Parameter whole: the device that `name` is a part of, if any: then it is wanted only if an
  ///   include pattern matches it but not the whole. `sda1` and `sda?` select the partition `sda1`;
  ///   `sd*`, or no pattern at all, only the disk.
  public func wants(_ name: String, partOf whole: String? = nil) -> Bool {
    func matches(_ pattern: String, _ name: String) -> Bool { fnmatch(pattern, name, 0) == 0 }
    let isIncluded =
      include.isEmpty
      ? whole == nil
      : include.contains { pattern in
        matches(pattern, name) && !(whole.map { matches(pattern, $0) } ?? false)
      }
    return isIncluded && !exclude.contains { matches($0, name) }
  }
}
