public import Netback
public import Netif

extension AnswerFile {
  /// What our netback answers to cases on the simulation, whichever way their data comes.
  ///
  /// - Throws: what a case could not be played for.
  public static func simulated(
    _ cases: some Sequence<Asked>, path: DataPath = .copy, profile: RuleProfile = .linux
  ) throws(CaseError) -> AnswerFile {
    try simulated(cases, path: path, profile: profile) { _ in }
  }

  /// The same, by rules that are changed first.
  package static func simulated(
    _ cases: some Sequence<Asked>, path: DataPath, profile: RuleProfile,
    changing change: @escaping (inout VifConfiguration) -> Void
  ) throws(CaseError) -> AnswerFile {
    let vif = CaseVif.simulated(path: path, profile: profile, changing: change)
    let player = try Asked.Player(on: vif)
    var file = AnswerFile()
    for asked in cases { file.add(asked.name, try player.play(asked)) }
    try vif.finish()
    return file
  }
}
