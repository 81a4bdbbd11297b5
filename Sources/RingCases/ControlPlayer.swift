import Netfront
import Netif
import XenInterface
import XenRing

/// Plays control cases. What one case has set is unset by messages before the next.
public final class ControlPlayer: CasePlayer {
  private let vif: CaseVif
  private let talk: ControlTalk
  /// Queues of the connection that there is.
  private var queues = 0

  /// See `CasePlayer`.
  public init(on vif: CaseVif) throws(CaseError) {
    self.vif = vif
    talk = try ControlTalk(on: vif)
  }

  /// See `CasePlayer`.
  public func play(_ asked: ControlCase) throws(CaseError) -> ControlAnswer {
    var answer = ControlAnswer()
    try vif.playing { () throws(CaseError) in
      let netfront = try vif.open()
      try prepareRing(netfront, asked)
      let revoked = asked.needsRevoked ? try vif.revokedGrant() : nil
      for step in asked.steps { answer.add(try play(step, of: asked, on: netfront, revoked)) }
      if answer.isDisabled { return try vif.finish() }
      if asked.claimsTooMuch { try vif.disconnect() }
    }
    return answer
  }

  /// A fresh ring where the case wants one or there is none; else the ring as it stands, with
  /// nothing set.
  private func prepareRing(_ netfront: Netfront, _ asked: ControlCase) throws(CaseError) {
    if asked.start != nil || asked.claimsTooMuch || queues != asked.queues {
      try vif.disconnect()
    }
    if netfront.queues.isEmpty {
      // Where the case does not care, the ring wraps after a few slots.
      let start = asked.start?.advanced(by: 0 &- UInt32(ControlTalk.reset.count))
      try connect(netfront, asked, at: start ?? RingIndex(rawValue: 0xffff_ffe0))
    }
    try talk.expectSuccess(ControlTalk.reset, on: netfront)
  }

  private func connect(
    _ netfront: Netfront, _ asked: ControlCase, at start: RingIndex
  ) throws(CaseError) {
    let options = NetfrontOptions(
      queues: asked.queues, controlRing: true, txPages: 1, rxPages: 1, controlStart: start)
    try vif.connect(netfront, options)
    queues = asked.queues
  }

  private func play(
    _ step: ControlStep, of asked: ControlCase, on netfront: Netfront, _ revoked: GrantReference?
  ) throws(CaseError) -> ControlAnswer {
    switch step {
    case .publish(let messages, let beyond):
      return try talk.publish(messages, beyond: beyond, on: netfront, revoked: revoked)
    case .reconnect:
      try vif.disconnect()
      try connect(netfront, asked, at: RingIndex(rawValue: 0))
      return ControlAnswer()
    }
  }
}
