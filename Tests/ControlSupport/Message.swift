import FoundationEssentials
import Series

/// A message made of its JSON, in which `NOON` stands for the moment ``noon``: what a client reads,
/// without the objects that the daemon makes it of.
package func message<Message: Decodable>(_ json: String) -> Message {
  let text = json.replacing("NOON", with: noon.iso8601)
  do {
    return try JSONDecoder().decode(Message.self, from: Data(text.utf8))
  } catch {
    preconditionFailure("not a \(Message.self): \(error) in \(text)")
  }
}
