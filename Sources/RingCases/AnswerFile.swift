/// Stored answers of one backend, as text: a head of `# key: value` lines, then a line per case.
public struct AnswerFile: Sendable {
  /// What the head says, in order.
  public var head: [(key: String, value: String)]
  /// Answers by case name.
  public private(set) var answers: [String: CaseAnswer] = [:]
  private var names: [String] = []

  /// An empty file with a head.
  public init(head: [(key: String, value: String)]) { self.head = head }

  /// Adds a case's answer.
  public mutating func add(_ name: String, _ answer: CaseAnswer) {
    names.append(name)
    answers[name] = answer
  }

  /// The whole file.
  public var text: String {
    let lines = head.map { "# \($0.key): \($0.value)" }
    let rows = names.map { name in name + " " + (answers[name]?.line ?? "") }
    return (lines + rows).joined(separator: "\n") + "\n"
  }

  /// Reads a file.
  ///
  /// - Throws: `AnswerFileError` naming the line that is not one.
  public init(text: String) throws(AnswerFileError) {
    head = []
    for (number, line) in text.split(separator: "\n").enumerated() {
      if line.hasPrefix("#") {
        let parts = line.dropFirst(2).split(separator: ":", maxSplits: 1)
        head.append((String(parts.first ?? ""), String(parts.last?.drop { $0 == " " } ?? "")))
        continue
      }
      let parts = line.split(separator: " ", maxSplits: 1)
      guard parts.count == 2, let answer = CaseAnswer(line: parts[1]) else {
        throw .badLine(number + 1)
      }
      add(String(parts[0]), answer)
    }
  }
}

/// Why stored answers cannot be read.
public enum AnswerFileError: Error, Hashable, Sendable {
  /// The line, counted from 1, is neither a head line nor a case.
  case badLine(Int)
}
