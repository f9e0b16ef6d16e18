internal import Glibc

/// Which names are wanted: shell patterns (`*`, `?`, `[a-z]`) to include, and to exclude again.
public struct NameFilter: Equatable, Sendable {
  /// A name is wanted only if one of these matches; an empty list stands for every name.
  public var include: [String]
  /// A name that one of these matches is not wanted, whatever `include` says.
  public var exclude: [String]

  /// A filter of shell patterns as in `fnmatch(3)`.
  public init(include: [String] = [], exclude: [String] = []) {
    self.include = include
    self.exclude = exclude
  }

  /// Whether `name` is wanted.
  /// - Parameter whole: the device that `name` is a part of, if it is one: then it is wanted only
  ///   if a pattern to include means just it, and not the whole. `sda1` and `sda?` take in the
  ///   partition `sda1`; `sd*`, and no pattern at all, only the disk.
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
