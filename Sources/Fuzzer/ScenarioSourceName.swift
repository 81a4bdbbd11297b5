/// What a scenario is called in a source that is made of it: letters, digits and a few signs that mean nothing there.
public struct ScenarioSourceName: CustomStringConvertible, Sendable {
  private static let signs = "-_. "
  /// The name.
  public let description: String

  /// Takes the name of a file without its folders and its ending; what may not stand in a source becomes `-`.
  public init(path: String) {
    let file = path.split(separator: "/").last ?? ""
    let stem = file.lastIndex(of: ".").map { file[..<$0] } ?? file
    let name = String((stem.isEmpty ? file : stem).map { Self.isPlain($0) ? $0 : "-" })
    description = name.contains { $0 != " " } ? name : "scenario"
  }

  private static func isPlain(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || signs.contains(character))
  }
}
