/// How much a build does of what takes long. One that is made for debugging is several times as slow and does a part, so that
/// `make test` is done in minutes; the optimized one, which `make test-all` runs, does all.
public enum Thoroughness {
  /// All of `cases`, or one of `step` in a build for debugging.
  public static func some<Cases: Collection>(of cases: Cases, every step: Int) -> [Cases.Element] {
    #if DEBUG
      cases.enumerated().filter { $0.offset % step == 0 }.map(\.element)
    #else
      Array(cases)
    #endif
  }
}
