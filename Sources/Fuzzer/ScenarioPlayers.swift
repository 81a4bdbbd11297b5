import Netif

/// Plays one scenario after the other in the same two worlds, one for each profile: between two of them no
/// memory is taken.
public final class ScenarioPlayers {
  private let seam: ScenarioSeam
  private let linux: ScenarioPlayer
  private let netif: ScenarioPlayer
  private var life: LifePlayer?

  /// Makes the worlds.
  public convenience init(_ way: ScenarioWay = ScenarioWay()) { self.init(ScenarioSeam(way)) }

  /// The same, with netbacks that have a fault.
  package init(_ seam: ScenarioSeam) {
    self.seam = seam
    var vif = ScenarioVif()
    linux = ScenarioPlayer(vif, seam)
    vif.profile = .netif
    netif = ScenarioPlayer(vif, seam)
  }

  /// Plays any octets as a scenario, and adds where it has been.
  ///
  /// - Returns: the first finding.
  public func play(octets: [UInt8], _ reach: inout ScenarioReach) -> ScenarioFailure? {
    var reader = ScenarioReader(octets)
    let player = player(for: reader.vif)
    player.restart(reader.vif)
    var place = 0
    while let step = reader.next() {
      if let failure = player.failure(of: step, at: place) { return failure }
      place += 1
    }
    if let failure = player.failure(behind: place) { return failure }
    reach.add(player.reach)
    return nil
  }

  private func player(for vif: ScenarioVif) -> any StepPlayer {
    guard vif.stage == .xenbus else { return vif.profile == .linux ? linux : netif }
    let player = life ?? LifePlayer(vif, seam)
    life = player
    return player
  }
}
