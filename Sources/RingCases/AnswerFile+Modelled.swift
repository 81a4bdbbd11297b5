extension AnswerFile {
  /// What the model of the rules says of cases.
  public static func modelled(_ cases: some Sequence<Asked>) -> AnswerFile {
    var file = AnswerFile()
    for asked in cases { file.add(asked.name, asked.modelled) }
    return file
  }
}
