internal import ArgumentParser
internal import HostCases
internal import RingCases
internal import XenInterface

/// Which live backend `--on vif` plays a guest in front of.
struct LiveVifOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      With --on vif: play on this vif, which this domain has and no driver holds, instead of on one that is \
      made.
      """, valueName: "name"))
  var vif: VifName?

  @Option(
    help: ArgumentHelp(
      "With --on vif: the backend is in this domain; in this one when it is left out.",
      valueName: "domid"))
  var backend: UInt16?

  @Option(
    help: ArgumentHelp(
      "With --on vif: so long a backend may take for an answer before it counts as none.",
      valueName: "seconds"))
  var patience: UInt32 = 10

  /// Sees that the options go together; `isMeant` where a vif is played on.
  func check(isMeant: Bool) throws {
    guard isMeant || vif == nil && backend == nil else {
      throw ValidationError("--vif and --backend go with --on vif.")
    }
    guard vif == nil || backend == nil else {
      throw ValidationError("--vif names a vif that has its backend; leave --backend out.")
    }
  }

  /// The vif that is meant.
  func make() throws(CommandFailure) -> CaseVif {
    do throws(HostCaseError) {
      guard let vif else { return try make(servedBy: backend) }
      return try CaseVif.live(vif.handle, of: vif.domain, patience: nanoseconds)
    } catch { throw CommandFailure(error, named: vif) }
  }

  /// A vif that is made, for the backend of a domain; of this one when it is left out.
  func make(servedBy domain: UInt16?) throws(HostCaseError) -> CaseVif {
    try CaseVif.live(servedBy: domain.map(DomainID.init(rawValue:)), patience: nanoseconds)
  }

  /// The options as they are typed, but for the patience.
  var words: String {
    (vif.map { " --vif \($0.name)" } ?? "") + (backend.map { " --backend \($0)" } ?? "")
  }

  private var nanoseconds: UInt64 { UInt64(patience) * 1_000_000_000 }
}
