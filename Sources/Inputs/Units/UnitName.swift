/// What people call a control group.
package enum UnitName {
  private static let kinds = [".service", ".scope", ".slice", ".socket", ".mount", ".swap"]

  /// The unit or container that a control group belongs to; nil for the root.
  /// - Parameter path: below the root of the hierarchy, such as `/system.slice/cron.service`.
  package static func name(of path: String) -> String? {
    let parts = path.split(separator: "/").map(String.init)
    guard let last = parts.last else { return nil }
    guard let index = parts.lastIndex(where: { part in kinds.contains { part.hasSuffix($0) } })
    else {
      // Without systemd: `docker/ID`, `kubepods/burstable/podID/ID`, `lxc.payload.NAME`.
      return parts.suffix(2).map(shortened).joined(separator: "/")
    }
    // Every user's manager has a scope of that name.
    if parts[index] == "init.scope", index > 0 { return shortened(parts[index - 1]) }
    return shortened(last == parts[index] ? last : parts[index])
  }

  /// The ids of containers, 64 hexadecimal digits, cut to the 12 by which they are known.
  private static func shortened(_ part: String) -> String {
    var result = ""
    var run = ""
    for character in part + "\n" {
      if character.isHexDigit {
        run.append(character)
        continue
      }
      result += run.count == 64 ? String(run.prefix(12)) : run
      run = ""
      if character != "\n" { result.append(character) }
    }
    return result
  }
}
