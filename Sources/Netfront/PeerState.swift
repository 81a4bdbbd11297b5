import XenInterface

/// The state key of one end of a vif, seen by somebody else through a store of their own.
struct PeerState {
  /// The directory whose state it is.
  let directory: String
  let store: any Store
  let loop: any WorldLoop

  /// What the key says now.
  var current: XenbusState { store.state(of: directory) }

  /// Lets the loop run until the state is one of `accepted`.
  ///
  /// - Parameter hopeless: states that lead to none of them, so that waiting is given up.
  /// - Throws: `NetfrontError.wrongState` with the state seen last and the first of `accepted`.
  func wait(
    for accepted: [XenbusState], hopeless: [XenbusState] = [], until deadline: MonotonicInstant
  ) throws(NetfrontError) {
    var seen = current
    _ = loop.run(until: deadline) {
      while store.takeChange() != nil {}
      seen = current
      return accepted.contains(seen) || hopeless.contains(seen)
    }
    guard accepted.contains(seen) else {
      throw .wrongState(seen: seen, wanted: accepted.first ?? .unknown)
    }
  }

  /// Runs `body` while the store reports changes of the state to us.
  func watching(_ body: () throws(NetfrontError) -> Void) throws(NetfrontError) {
    let key = directory + "/state"
    do throws(StoreError) { try store.watch(key) } catch { throw .store(error) }
    defer { try? store.unwatch(key) }
    try body()
  }
}
