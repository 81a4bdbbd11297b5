internal import ArgumentParser
internal import HostCases
internal import Netif
internal import Replayer
internal import RingCases

/// Which live backend `replay --on vif` plays a trace's guest in front of, and what it is compared with.
struct LiveOptions: ParsableArguments {
  @OptionGroup var place: LiveVifOptions

  @Option(
    help: ArgumentHelp(
      """
      With --on vif: compare with this backend instead of with the trace: sim, the Swift netback in the \
      simulation, or the one in a domain.
      """, valueName: "sim|domid"))
  var against: LiveRival?

  /// Sees that the options go together.
  ///
  /// - Parameters:
  ///   - isChanged: whether the Swift netback's are not as they are by default.
  ///   - path: the way data comes to it.
  func check(_ world: WorldName, isChanged: Bool, by path: PathChoice) throws {
    try place.check(isMeant: world == .vif)
    guard world == .vif else {
      guard against == nil else { throw ValidationError("--against goes with --on vif.") }
      return
    }
    guard !isChanged || against == .simulation && !path.isAll else {
      throw ValidationError(
        "--on vif takes the backend as it is: --profile and --path are of --against sim.")
    }
  }

  /// Replays a trace in front of the backend.
  ///
  /// - Parameter options: of the Swift netback, where that is the one to compare with.
  func replay(
    _ input: TraceInput, _ options: ReplayOptions, _ pacer: Pacer?, _ ticker: ProgressTicker
  ) throws(CommandFailure) -> ReplayReport {
    let source = try input.binary()
    // Without a Xen this is the word, whatever the trace has.
    let first = try place.make()
    var rival: ((Int) throws(LiveReplayError) -> CaseVif)?
    if let against {
      rival = { _ throws(LiveReplayError) in try rivalVif(against, options) }
    }
    do throws(LiveReplayError) {
      return try LiveReplayer(against: rival) { number throws(LiveReplayError) in
        guard number > 0 else { return first }
        guard place.vif == nil else { throw .noSecondVif }
        return try self.furtherVif(servedBy: place.backend)
      }
      .replay(source, pacer: pacer) { ticker.goesOn($0) }
    } catch { throw input.failure(error) }
  }

  private func rivalVif(
    _ rival: LiveRival, _ options: ReplayOptions
  ) throws(LiveReplayError) -> CaseVif {
    switch rival {
    case .simulation: .simulated(path: options.path, profile: options.profile ?? .linux)
    case .domain(let domain): try furtherVif(servedBy: domain)
    }
  }

  /// One more vif, after the first has shown that there can be one.
  private func furtherVif(servedBy domain: UInt16?) throws(LiveReplayError) -> CaseVif {
    do throws(HostCaseError) { return try place.make(servedBy: domain) } catch {
      throw .vif(.capture("\(error)"))
    }
  }
}
