import Netback
import Netfront
import Netif
import RingCases
import TraceFormat
import XenRing

/// A live backend, and the guest of a trace in front of it.
struct LiveSide {
  let vif: CaseVif
  var queues: [LiveQueue] = []
  private var control: LiveControl?
  private(set) var path: VifPath?
  /// Whether the connection is one that the backend has ended.
  var isCutOff = false

  /// Whether the guest has a control ring that the backend serves.
  var hasControl: Bool { control != nil }

  /// Plays on `vif`, where nothing is connected.
  init(on vif: CaseVif) { self.vif = vif }

  /// Connects the guest as a snapshot says that it was, on fresh rings.
  mutating func connect(
    _ snapshot: VifSnapshot, place: UInt16
  ) throws(LiveReplayError) {
    try disconnect()
    guard HashState(snapshot.hash) != nil else { throw .badSnapshot(vif: Int(place)) }
    var headers: [HeaderArea?] = []
    for number in snapshot.queues.indices {
      do throws(ReplayError) {
        headers.append(try snapshot.headerArea(ofQueue: number, vif: place))
      } catch { throw .badSnapshot(vif: Int(place)) }
    }
    let wantsHeaders = headers.contains { $0 != nil }
    let netfront = try playing { () throws(CaseError) in
      let netfront = try vif.open()
      try vif.connect(netfront, snapshot.options(hasHeaders: wantsHeaders))
      return netfront
    }
    guard !wantsHeaders || netfront.queues.allSatisfy({ $0.headerPages != nil }) else {
      throw .noHeaderArea
    }
    path = netfront.path
    control = netfront.control.map { LiveControl($0) }
    queues = zip(netfront.queues, zip(snapshot.queues, headers)).map { front, recorded in
      LiveQueue(front, from: recorded.0, headers: recorded.1)
    }
  }

  /// Closes the guest's end. A vif that was cut off is given up: not every backend serves it again.
  mutating func disconnect() throws(LiveReplayError) {
    queues = []
    control = nil
    let isCutOff = isCutOff
    self.isCutOff = false
    try playing { () throws(CaseError) in
      if isCutOff { try vif.finish() } else { try vif.disconnect() }
    }
  }

  /// Takes the vif away.
  mutating func finish() throws(LiveReplayError) {
    queues = []
    control = nil
    try playing { () throws(CaseError) in try vif.finish() }
  }

  /// Does in a queue what the guest did for a poll.
  mutating func play(
    _ batch: TxBatch, queue: Int, fillingCuts: Bool
  ) throws(LiveReplayError) -> LiveOutcome {
    guard let path else { return LiveOutcome() }
    let vif = vif
    var queues = self.queues.mutableSpan
    let outcome: LiveOutcome
    do throws(CaseError) {
      outcome = try queues[queue].play(batch, fillingCuts: fillingCuts, on: vif, path)
    } catch { throw .vif(error) }
    if outcome.isCutOff { isCutOff = true }
    return outcome
  }

  /// Puts messages on the control ring, which there is.
  mutating func play(_ batch: ControlBatch) throws(LiveReplayError) -> LiveOutcome {
    guard let path, var control else { return LiveOutcome() }
    let outcome: LiveOutcome
    do throws(CaseError) { outcome = try control.play(batch, on: vif, path) } catch {
      throw .vif(error)
    }
    self.control = control
    if outcome.isCutOff { isCutOff = true }
    return outcome
  }

  private func playing<Result>(
    _ body: () throws(CaseError) -> Result
  ) throws(LiveReplayError) -> Result {
    do throws(CaseError) { return try body() } catch { throw .vif(error) }
  }
}

extension VifSnapshot {
  /// How the recorded guest connected, with a page for every slot.
  fileprivate func options(hasHeaders: Bool) -> NetfrontOptions {
    NetfrontOptions(
      queues: queues.count, controlRing: control != nil, headerArea: hasHeaders,
      txPages: GuestSlots.count,
      extraKeys: features.keys.merging(headroomKey) { $1 })
  }
}

extension VifSnapshot {
  /// What the guest writes of octets that are to stay free in each page. A key that is not written would
  /// stand as another guest has left it.
  private var headroomKey: [String: String] {
    [VifSnapshot.Key.frontendHeadroom: "\(headroom ?? 0)"]
  }
}

extension NetifFeatures {
  /// What a guest writes that can do this.
  fileprivate var keys: [String: String] {
    func flag(_ feature: NetifFeatures) -> String { contains(feature) ? "1" : "0" }
    return [
      "feature-sg": flag(.scatterGather), "feature-gso-tcpv4": flag(.gsoTCPv4),
      "feature-gso-tcpv6": flag(.gsoTCPv6),
      "feature-no-csum-offload": contains(.checksumIPv4) ? "0" : "1",
      "feature-ipv6-csum-offload": flag(.checksumIPv6),
      "request-multicast-control": flag(.multicastControl),
    ]
  }
}
