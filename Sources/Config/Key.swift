/// A key of the section represented by `Root`.
///
/// The parser, the checks, the commented default file, the manual page and `config show` are all
/// derived from this one declaration.
public struct Key<Root>: Sendable {
  /// The name before the equals sign.
  let name: String
  /// What is expected, phrased to follow the word "expected".
  let expectation: String
  /// Its help, one or more sentences.
  let help: String
  /// A valid value, for a key whose default has no text; nil: the default.
  let example: String?
  /// Sets the value of a text. `adds`: whether an earlier assignment has already replaced the
  /// default. If the text is not valid, nothing changes, and the result describes the problem with
  /// the text, or with the list that would include it.
  let assign: @Sendable (_ root: inout Root, _ text: String, _ adds: Bool) -> SettingsProblem?
  /// Sets the value of an empty assignment.
  let reset: @Sendable (_ root: inout Root, _ defaults: Root) -> Void
  /// The value as text.
  let format: @Sendable (Root) -> String
  /// The value as text, without secrets.
  let show: @Sendable (Root) -> String

  /// A key that sets a property.
  /// - Parameters:
  ///   - path: the property.
  ///   - syntax: the syntax of its value.
  ///   - help: its help, one or more sentences.
  ///   - example: a valid value; needed if the default has no text.
  public init<Value>(
    _ name: String,
    _ path: any WritableKeyPath<Root, Value> & Sendable,
    _ syntax: ValueSyntax<Value>,
    _ help: String,
    example: String? = nil
  ) {
    self.name = name
    self.help = help
    self.example = example
    expectation = syntax.expectation
    assign = { root, text, adds in
      guard let value = syntax.parse(text) else { return syntax.problem(with: text) }
      guard adds, let adding = syntax.adding else {
        root[keyPath: path] = value
        return nil
      }
      // Limits on the length of a list and on repeated elements apply to all of its lines together.
      let sum = adding(root[keyPath: path], value)
      let written = syntax.format(sum)
      guard written.split(separator: "\n").allSatisfy({ syntax.parse(String($0)) != nil }) else {
        return syntax.problem(with: written)
      }
      root[keyPath: path] = sum
      return nil
    }
    reset = { root, defaults in
      root[keyPath: path] = syntax.emptied ?? defaults[keyPath: path]
    }
    format = { syntax.format($0[keyPath: path]) }
    show = { (syntax.masked ?? syntax.format)($0[keyPath: path]) }
  }
}
