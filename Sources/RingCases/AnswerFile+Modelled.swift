import Netif

extension AnswerFile {
  /// What the model of the rules says of cases, by the profile `linux`.
  public static func modelled(_ cases: some Sequence<Asked>) -> AnswerFile {
    var file = AnswerFile()
    for asked in cases { file.add(asked.name, asked.modelled(by: .linux)) }
    return file
  }
}
