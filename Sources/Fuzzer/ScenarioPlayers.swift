import Netif

/// Plays one scenario after the other in the same two worlds, one for each profile: between two of them no
/// memory is taken.
public final class ScenarioPlayers {
  private let linux: ScenarioPlayer
  private let netif: ScenarioPlayer

  /// Makes the worlds.
  public convenience init() { self.init(ScenarioSeam()) }

  /// The same, with netbacks that have a fault.
  package init(_ seam: ScenarioSeam) {
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
    let player = reader.vif.profile == .linux ? linux : netif
    player.restart(reader.vif)
    var place = 0
    while let step = reader.next() {
      do throws(ScenarioFinding) { try player.play(step) } catch {
        return ScenarioFailure(step: place, finding: error)
      }
      place += 1
    }
    reach.add(player.reach)
    return nil
  }
}
