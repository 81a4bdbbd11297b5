import Netfront
import Netif
import XenInterface
import XenRing

/// Plays RX cases. A case that leaves requests or frames behind is followed by fresh rings.
public final class RxPlayer: CasePlayer {
  /// Pages that a case may offer.
  private static let pageCount = 256

  private let vif: CaseVif
  private let talk: ControlTalk
  private let pages: any GrantedPages
  /// How the guest of the connection that there is has connected.
  private var connected: RxGuest?

  /// See `CasePlayer`.
  public init(on vif: CaseVif) throws(CaseError) {
    self.vif = vif
    talk = try ControlTalk(on: vif)
    pages = try vif.share(Array(repeating: [], count: Self.pageCount), access: .readWrite)
  }

  /// See `CasePlayer`.
  public func play(_ asked: RxCase) throws(CaseError) -> RxAnswer {
    var run = RxRun(asked)
    try vif.playing { () throws(CaseError) in
      let netfront = try vif.open()
      try prepareRings(netfront, asked)
      let blank = RxRun.blank
      for page in run.pages { pages.setOctets(blank.span.octets, page: page, at: 0) }
      let revoked = asked.needsRevoked ? try vif.revokedGrant() : nil
      for step in asked.steps { try play(step, on: netfront, &run, revoked) }
      run.finish(pages)
      try leaveRings(netfront, run)
    }
    return run.answer
  }

  private func prepareRings(_ netfront: Netfront, _ asked: RxCase) throws(CaseError) {
    if asked.start != nil || connected != asked.guest { try vif.disconnect() }
    if netfront.queues.isEmpty {
      // Where the case does not care, the ring wraps after a few slots.
      let options = NetfrontOptions(
        queues: asked.guest.queues, controlRing: true, txPages: 1, rxPages: 1,
        rxStart: asked.start ?? RingIndex(rawValue: 0xffff_fff6),
        extraKeys: asked.guest.allKeys)
      try vif.connect(
        netfront, options, pages: pages.grants.map { StagedGrant(grant: $0, isReadOnly: false) })
      connected = asked.guest
    }
    if !asked.control.isEmpty { try talk.expectSuccess(asked.control, on: netfront) }
  }

  private func leaveRings(_ netfront: Netfront, _ run: RxRun) throws(CaseError) {
    if run.answer.isDisabled { return try vif.finish() }
    if !run.asked.control.isEmpty { try talk.expectSuccess(ControlTalk.reset, on: netfront) }
    if !run.isTidy { try vif.disconnect() }
  }
}

// MARK: - Steps

extension RxPlayer {
  private func play(
    _ step: RxStep, on netfront: Netfront, _ run: inout RxRun, _ revoked: GrantReference?
  ) throws(CaseError) {
    switch step {
    case .post(let slots, let beyond, let queue):
      let rx = netfront.queues[queue].rx
      for slot in slots {
        let grant = slot.grant.reference(among: pages.grants, revoked: revoked)
        rx.put(words: run.offer(slot, queue: queue, grant))
      }
      run.lie(beyond)
      rx.publish(claiming: rx.requestProducer.advanced(by: beyond), .always)
    case .send(let frames):
      for frame in frames { run.give(frame) }
      try vif.backend.send(frames.map(NetworkFrame.init), to: netfront.path)
    case .pause(let milliseconds):
      vif.wait(UInt64(milliseconds) * 1_000_000)
      run.pause()
    }
    rest(netfront, &run)
    run.answer.isDisabled = vif.backend.isDisabled(netfront.path)
    run.answer.answeredAfterSteps.append(run.answered)
  }

  /// Takes answers until all have come that are owed, and for a moment more. Linux puts off the
  /// events of a guest that has sent some without work, in a busy machine by up to ten seconds.
  private func rest(_ netfront: Netfront, _ run: inout RxRun) {
    let expected = run.expected
    _ = vif.wait(atMost: vif.patience.rest) {
      collect(netfront, &run)
      return run.answered >= expected
    }
    vif.wait(vif.patience.grace)
    collect(netfront, &run)
  }

  private func collect(_ netfront: Netfront, _ run: inout RxRun) {
    for (number, queue) in netfront.queues.enumerated() {
      while let taken = try? queue.rx.takeResponse() { run.take(taken.words, queue: number) }
    }
  }
}
