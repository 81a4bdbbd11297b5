import Netif
public import XenInterface

/// What became of a vif that stood connected when its device was opened: its backend died without a
/// word, and the guest does not know.
///
/// Its rings are attached at the answers that were published last, its ports bound again; what had
/// been taken and not answered is taken once more. The guest notices nothing but a pause.
public enum VifTakeover: Hashable, Sendable {
  /// There was nothing to take over.
  case none
  /// It is to be tried, again at `retry` when the backend before still holds the ports: Xen binds
  /// each once, which keeps two backends apart.
  case pending(retry: MonotonicInstant?)
  /// The rings are served again. `answered` slots had an answer that was not yet published.
  case done(answered: Int)
  /// The rings cannot be had. Nothing was written: the guest has to close and to begin anew.
  case impossible(VifError)

  /// When to try again.
  var retry: MonotonicInstant? {
    if case .pending(let retry) = self { retry } else { nil }
  }
}

extension VifDevice {
  /// Nanoseconds between two attempts to bind a port that is in use.
  private static let retryInterval: UInt64 = 200_000_000

  /// Takes up the vif in the state that its directory is in.
  func begin() throws(StoreError) {
    let found = xen.store.state(of: path)
    if XenbusState(exactly: keys.state()) == .connected, found == .connected || found == .initWait {
      state = found
      takeover = .pending(retry: nil)
      return
    }
    guard try xen.store.write(features(), whileDevice: path) else { throw .notFound }
    guard found == .closing || found == .closed else { return try publish(.initWait) }
    // The frontend has to begin anew; until it does, InitWait would be missed.
    state = found
  }

  /// Connects to rings in use. A failure writes nothing, for the guest is not to blame.
  func takeOver(now: MonotonicInstant) throws(StoreError) {
    answeredBefore = 0
    do throws(VifError) { try connect(now: now) } catch {
      disconnect()
      failure = error
      let retry = now.advanced(by: Self.retryInterval)
      takeover =
        error == .eventChannel(.notBindable) ? .pending(retry: retry) : .impossible(error)
      return
    }
    takeover = .done(answered: answeredBefore)
    try publishConnected()
    // The backend before may have published answers and died before it said so.
    if let controlPort { xen.events.notify(controlPort) }
    for queue in running { queue.pause { queue.notifyAll() } }
  }

  func retryTakeover(now: MonotonicInstant) {
    guard let retry = takeover.retry, retry <= now else { return }
    follow(path, now: now)
  }
}
