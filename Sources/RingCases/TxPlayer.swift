import Netfront
import Netif
import XenInterface
import XenRing

/// Plays TX cases. Many of them go on in the ring of the one before.
public final class TxPlayer: CasePlayer {
  private let vif: CaseVif
  private let pages: any GrantedPages

  /// See `CasePlayer`.
  public init(on vif: CaseVif) throws(CaseError) {
    self.vif = vif
    pages = try vif.share((0..<CasePages.count).map(CasePages.octets), access: .readOnly)
  }

  /// See `CasePlayer`.
  public func play(_ asked: TxCase) throws(CaseError) -> CaseAnswer {
    let run = CaseRun(asked)
    try vif.playing { () throws(CaseError) in
      let netfront = try vif.open(backendKeys: asked.rate.map { ["rate": $0.key] } ?? [:])
      try prepareRing(netfront, run)
      for step in asked.steps { try play(step, on: netfront, run) }
      try collect(netfront, run)
      try leaveRing(run)
    }
    return run.answer
  }
}

// MARK: - Rings

extension TxPlayer {
  /// A fresh ring where the case wants one or there is none; else the ring as it stands.
  private func prepareRing(_ netfront: Netfront, _ run: CaseRun) throws(CaseError) {
    if run.wantsFreshRing { try vif.disconnect() }
    if netfront.queues.isEmpty { try connect(netfront, run) }
    run.start = netfront.queues[0].tx.requestProducer
    run.revoked = run.needsRevoked ? try vif.revokedGrant() : nil
  }

  private func leaveRing(_ run: CaseRun) throws(CaseError) {
    if run.answer.isDisabled || run.asked.rate != nil {
      try vif.finish()
    } else if run.spoilsRing {
      try vif.disconnect()
    }
  }

  private func connect(_ netfront: Netfront, _ run: CaseRun) throws(CaseError) {
    let start = run.asked.start ?? vif.firstIndex
    let options = NetfrontOptions(
      txPages: 1, rxPages: 1, txStart: start,
      extraKeys: run.asked.hidesFeatures ? Self.hidden : [:])
    try vif.connect(
      netfront, options, pages: pages.grants.map { StagedGrant(grant: $0, isReadOnly: true) })
  }

  /// A key that is not written would stand as the connection before has left it.
  private static let hidden = [
    "feature-sg": "0", "feature-gso-tcpv4": "0", "feature-gso-tcpv6": "0",
    "feature-ipv6-csum-offload": "0",
  ]
}

// MARK: - Steps

extension TxPlayer {
  private func play(
    _ step: CaseStep, on netfront: Netfront, _ run: CaseRun
  ) throws(CaseError) {
    switch step {
    case .publish(let slots, let beyond):
      let tx = netfront.queues[0].tx
      for slot in slots { tx.put(words: run.write(slot, pages: pages.grants)) }
      tx.publish(claiming: tx.requestProducer.advanced(by: beyond), .always)
      try rest(netfront, run, published: run.onRing &+ beyond)
    case .pause(let milliseconds):
      vif.wait(UInt64(milliseconds) * 1_000_000)
      try collect(netfront, run)
      run.answer.answeredAtPauses.append(run.answeredSlots)
    case .changeRate(let rate):
      try vif.write("rate", rate.key, of: netfront)
    case .reconnect:
      try collect(netfront, run)
      try vif.disconnect()
      run.startsAnew()
      try connect(netfront, run)
      run.start = netfront.queues[0].tx.requestProducer
    }
  }

  /// Waits until the backend sleeps or has cut the guest off. A queue that waits for credit does
  /// neither, so then only a moment.
  private func rest(
    _ netfront: Netfront, _ run: CaseRun, published: UInt32
  ) throws(CaseError) {
    let tx = netfront.queues[0].tx
    let asleep = run.start.advanced(by: published &+ 1)
    var isDisabled = false
    let hasCredit = run.asked.rate == nil
    let rests = vif.wait(atMost: hasCredit ? vif.patience.rest : vif.patience.grace) {
      if tx.requestEvent == asleep,
        (try? tx.unconsumedResponses()) == published &- run.collected
      {
        return true
      }
      isDisabled = vif.backend.isDisabled(netfront.path)
      return isDisabled
    }
    if isDisabled { return vif.wait(vif.patience.grace) }
    guard rests || !hasCredit || vif.backend.isSilentEnd(netfront.path) else {
      throw .noRest(answered: run.collected, published: published)
    }
  }

  /// Takes the answers and frames that have come.
  private func collect(_ netfront: Netfront, _ run: CaseRun) throws(CaseError) {
    run.answer.isDisabled = vif.backend.isDisabled(netfront.path)
    run.answer.frames += try vif.backend.takeFrames(of: netfront.path)
    let tx = netfront.queues[0].tx
    while let taken = try? tx.takeResponse() { run.take(tx.read(at: taken.index)) }
  }
}
