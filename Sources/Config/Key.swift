/// One line of the settings table: a key of the section that `Root` stands for.
///
/// Parser, validation, the commented default file, the manual page and `config show` all speak
/// from these.
struct Key<Root>: Sendable {
  /// The name before the equals sign.
  let name: String
  /// What is expected, as it follows the word "expected".
  let expectation: String
  /// What it does, one or more sentences.
  let help: String
  /// Takes the value that a text stands for. `adds`: whether an earlier assignment has replaced the
  /// default already. Where it stands for none, nothing is changed, and what is wrong is returned:
  /// the text, or a list as it would be with it.
  let assign: @Sendable (_ root: inout Root, _ text: String, _ adds: Bool) -> String?
  /// Takes the value of an empty assignment.
  let reset: @Sendable (_ root: inout Root, _ defaults: Root) -> Void
  /// The value as text.
  let format: @Sendable (Root) -> String

  init<Value>(
    _ name: String,
    _ path: any WritableKeyPath<Root, Value> & Sendable,
    _ form: ValueSyntax<Value>,
    _ help: String
  ) {
    self.name = name
    self.help = help
    expectation = form.expectation
    assign = { root, text, adds in
      guard let value = form.parse(text) else { return text }
      guard adds, let adding = form.adding else {
        root[keyPath: path] = value
        return nil
      }
      // How long a list may be, and what must not come twice in it, counts for all its lines.
      let sum = adding(root[keyPath: path], value)
      let written = form.format(sum)
      guard written.split(separator: "\n").allSatisfy({ form.parse(String($0)) != nil }) else {
        return written
      }
      root[keyPath: path] = sum
      return nil
    }
    reset = { root, defaults in
      root[keyPath: path] = form.emptied ?? defaults[keyPath: path]
    }
    format = { form.format($0[keyPath: path]) }
  }
}
