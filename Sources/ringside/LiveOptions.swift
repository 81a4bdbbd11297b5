internal import ArgumentParser
internal import HostCases
internal import Netfront
internal import Replayer
internal import RingCases
internal import XenInterface

/// Which live backend `--on vif` plays a trace's guest in front of.
struct LiveOptions: ParsableArguments {
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

  /// Replays a trace in front of the backend, on vifs of its own.
  func replay(_ input: TraceInput) throws(CommandFailure) -> ReplayReport {
    let source = try input.binary()
    // Without a Xen this is the word, whatever the trace has.
    let first = try vif()
    let ticker = ProgressTicker(input.name)
    do throws(LiveReplayError) {
      return try LiveReplayer { place throws(LiveReplayError) in
        if place == 0 { return first }
        do throws(CommandFailure) { return try vif() } catch { throw .vif(.capture(error.message)) }
      }
      .replay(source) { ticker.goesOn($0) }
    } catch { throw failure(error, of: input) }
  }

  private func vif() throws(CommandFailure) -> CaseVif {
    do throws(HostCaseError) {
      return try CaseVif.live(
        servedBy: backend.map(DomainID.init(rawValue:)),
        patience: UInt64(patience) * 1_000_000_000)
    } catch {
      switch error {
      case .host(let error): throw CommandFailure(error)
      case .cases(let error): throw CommandFailure(.refused, "no vif to replay on: \(error)")
      }
    }
  }
}

// MARK: - Words

extension LiveOptions {
  private func failure(_ error: LiveReplayError, of input: TraceInput) -> CommandFailure {
    switch error {
    case .trace(let error): input.failure(error)
    case .badSnapshot(let vif): input.failure(badSnapshot: vif)
    case .noHeaderArea:
      CommandFailure(
        .refused, "\(input.name): the recorded guest used a header area; this backend offers none")
    case .vif(.frontend(let error)): CommandFailure(.refused, "\(input.name): \(words(error))")
    case .vif(let error):
      CommandFailure(.refused, "\(input.name): the backend cannot be watched: \(error)")
    }
  }

  private func words(_ error: NetfrontError) -> String {
    switch error {
    case .wrongState(.closing, _), .wrongState(.closed, _):
      "the backend refused the guest's rings"
    case .wrongState(let seen, _):
      "no backend took the vif (its state is \(seen)); load xen-netback or start `ringside serve`"
    case .badQueueCount(let wanted, let offered):
      "the recorded guest has \(wanted) queues; the backend offers \(offered)"
    case .missingFeature(let name): "the backend does not offer \(name)"
    case .grant(let error): "pages could not be granted: \(error.words)"
    case .eventChannel(let error): "no event channel for the guest: \(error)"
    case .store(.permissionDenied), .store(.system):
      "the store refused a vif; only the control domain, as root, can make one"
    case .store(let error): "the store refused: \(error)"
    }
  }
}
