/// The text in double quotes on one line: control characters as escapes, cut after 80 characters.
func quoted(_ text: some StringProtocol) -> String {
  var result = "\""
  var length = 0
  for scalar in text.unicodeScalars {
    length += 1
    if length > 80 { return result + "…\"" }
    result += scalar.escaped(asASCII: false)
  }
  return result + "\""
}
