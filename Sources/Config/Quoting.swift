import Series

/// The text in double quotes on one line, cut off after 80 characters.
func quoted(_ text: some StringProtocol) -> String { PrintableText.quoted(text) }
