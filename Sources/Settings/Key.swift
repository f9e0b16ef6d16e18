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
  /// Takes the value that a text stands for; false, and nothing is changed, where it stands for
  /// none. `adds`: whether an earlier assignment has replaced the default already.
  let assign: @Sendable (_ root: inout Root, _ text: String, _ adds: Bool) -> Bool
  /// Takes the value of an empty assignment.
  let reset: @Sendable (_ root: inout Root, _ defaults: Root) -> Void
  /// The value as text.
  let format: @Sendable (Root) -> String

  init<Value>(
    _ name: String,
    _ path: any WritableKeyPath<Root, Value> & Sendable,
    _ form: Form<Value>,
    _ help: String
  ) {
    self.name = name
    self.help = help
    expectation = form.expectation
    assign = { root, text, adds in
      guard let value = form.parse(text) else { return false }
      if adds, let adding = form.adding {
        root[keyPath: path] = adding(root[keyPath: path], value)
      } else {
        root[keyPath: path] = value
      }
      return true
    }
    reset = { root, defaults in
      root[keyPath: path] = form.emptied ?? defaults[keyPath: path]
    }
    format = { form.format($0[keyPath: path]) }
  }
}
