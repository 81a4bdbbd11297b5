internal import ArgumentParser
internal import FoundationEssentials

/// Where a verb's words go: people's to standard output, or JSON there and people's to standard error.
struct OutputOptions: ParsableArguments {
  @Flag(
    name: .customLong("json"), help: "Print JSON lines; text for people goes to standard error.")
  var isJSON = false

  /// Says something to people.
  func tell(_ line: String) {
    if isJSON { Console.note(line) } else { print(line) }
  }

  /// Says something to programs, if they are asked for.
  func emit(_ record: some Encodable) {
    if isJSON { JSONLine.print(record) }
  }
}

/// Lines of JSON on standard output.
enum JSONLine {
  /// Prints a value as a line.
  static func print(_ value: some Encodable) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Plain structs of numbers and words always encode.
    guard let line = try? encoder.encode(value) else { return }
    Swift.print(String(decoding: line, as: UTF8.self))
  }
}
