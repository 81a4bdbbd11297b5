/// Stored answers of one backend, as text: a head of `# key: value` lines, then a line per case; a
/// further line for a case that was answered otherwise in another run.
public struct AnswerFile<Asked: RingCase>: Sendable {
  /// What the head says, in order.
  public var head: [(key: String, value: String)]
  /// Names of the cases, in order.
  public private(set) var names: [String] = []
  private var answers: [String: [Asked.Answer]] = [:]

  /// An empty file with a head.
  public init(head: [(key: String, value: String)] = []) { self.head = head }

  /// The different answers to a case; none when it was not played.
  public func answers(to name: String) -> [Asked.Answer] { answers[name] ?? [] }

  /// Adds an answer to a case, unless it is there already.
  public mutating func add(_ name: String, _ answer: Asked.Answer) {
    if answers[name] == nil { names.append(name) }
    if !answers(to: name).contains(answer) { answers[name, default: []].append(answer) }
  }

  /// Adds what another run answered.
  public mutating func add(_ run: AnswerFile) {
    for name in run.names {
      for answer in run.answers(to: name) { add(name, answer) }
    }
  }

  /// The whole file.
  public var text: String {
    let lines = head.map { "# \($0.key): \($0.value)" }
    let rows = names.flatMap { name in answers(to: name).map { name + " " + $0.line } }
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
      guard parts.count == 2, let answer = Asked.Answer(line: parts[1]) else {
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
