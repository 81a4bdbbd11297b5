internal import ArgumentParser
internal import FoundationEssentials

/// What is to be run in the lab's machine. It is understood here first: wrong words need no machine to be told.
struct LabTask {
  /// The verbs that it may be.
  static let verbs = "check, replay, record, list or doctor"

  /// The verb and its words.
  let words: [String]
  let scene: LabScene
  /// What it reads and what it writes.
  let inputs, outputs: [LabPath]

  /// Understands words, and sees that the files they name are there or can be made.
  init(_ said: [String]) throws {
    words = Self.completed(said, try Self.verb(said))
    let verb = try Self.verb(words)
    if let objection = verb.objection { throw ValidationError(objection) }
    scene = verb.scene
    inputs = verb.inputs.map(LabPath.init)
    outputs = verb.outputs.map(LabPath.init)
    for input in inputs { try input.checkReading() }
    for output in outputs { try output.checkWriting() }
  }

  /// Words for the job that runs it: the scene, the paths, the program.
  var job: [String] {
    [scene.rawValue, LabPath.folder]
      + ["\(inputs.count)"] + inputs.map(\.whole) + ["\(outputs.count)"] + outputs.map(\.whole)
      + [ThisProgram.file.lastPathComponent] + words
  }

  private static func verb(_ words: [String]) throws -> any LabVerb {
    guard let verb = try Ringside.parseAsRoot(words) as? any LabVerb else {
      throw ValidationError("The lab runs \(verbs); what else there is needs no Xen.")
    }
    return verb
  }

  private static func completed(_ words: [String], _ verb: any LabVerb) -> [String] {
    guard !words.contains(where: { $0 == "--on" || $0.hasPrefix("--on=") }) else { return words }
    return words.prefix(1) + type(of: verb).usualBackend + words.dropFirst()
  }
}
