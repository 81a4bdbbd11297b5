internal import HostCases
internal import Netfront
internal import Replayer
internal import RingCases
internal import XenInterface

extension TraceInput {
  /// The line and the exit code for why it could not be replayed in front of a live backend.
  func failure(_ error: LiveReplayError) -> CommandFailure {
    switch error {
    case .trace(let error): failure(error)
    case .badSnapshot(let vif): failure(badSnapshot: vif)
    case .noHeaderArea:
      CommandFailure(
        .refused, "\(name): the recorded guest used a header area; this backend offers none")
    case .noSecondVif:
      CommandFailure(
        .refused, "\(name): more than one vif was recorded; leave --vif out, and each has one made")
    case .vif(.frontend(let error)): CommandFailure(.refused, "\(name): \(error.words)")
    case .vif(let error):
      CommandFailure(.refused, "\(name): the backend cannot be watched: \(error)")
    }
  }
}

extension NetfrontError {
  /// What went wrong with a backend that others run, and what to do.
  fileprivate var words: String {
    switch self {
    case .wrongState(.closing, _), .wrongState(.closed, _):
      "the backend refused the guest's rings"
    case .wrongState(let seen, _):
      "no backend took the vif (its state is \(seen)); load xen-netback or start `ringside serve`"
    case .badQueueCount(let wanted, let offered):
      "the recorded guest has \(wanted) queues; the backend offers \(offered)"
    case .missingFeature(let feature): "the backend does not offer \(feature)"
    case .grant(let error): "pages could not be granted: \(error.words)"
    case .eventChannel(let error): "no event channel for the guest: \(error)"
    case .store(.permissionDenied), .store(.system):
      "the store refused a vif; only the control domain, as root, can make one"
    case .store(let error): "the store refused: \(error)"
    }
  }
}

extension CommandFailure {
  /// Why a vif cannot be played on; `name` is the one that was asked for.
  init(_ error: HostCaseError, named name: VifName?) {
    let name = name?.name ?? "vif"
    switch error {
    case .host(let error): self.init(error)
    case .cases(let error): self.init(.refused, "no vif to play on: \(error)")
    case .vif(.absent): self.init(.refused, "\(name): this domain has no such vif")
    case .vif(.ofOther(let own)):
      self.init(
        .refused,
        "\(name): this is domain \(own.rawValue); its vifs are vif\(own.rawValue).0 and so on")
    case .vif(.inUse):
      self.init(
        .refused,
        "\(name): a driver has it; `echo vif-0 >/sys/bus/xen/drivers/vif/unbind`, with its number, ends that"
      )
    }
  }
}
