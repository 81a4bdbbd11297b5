public import Netif
import Oracle
import XenInterface
import XenRing

/// Answers RX cases by the model of the rules: no backend, no rings, no grants.
final class RxModelPlayer {
  private static let grants = (0..<256).map { GrantReference(rawValue: 1000 + UInt32($0)) }

  private let asked: RxCase
  private let profile: RuleProfile
  private let control: ControlModelPlayer
  private var pages: [Int: [UInt8]] = [:]
  private var offered: [[RxSlot]]
  private var answer: RxAnswer
  private var answered: [[RxModel.Answer]]
  private var now: UInt64 = 0

  /// What a backend must answer to a case.
  static func answer(to asked: RxCase, by profile: RuleProfile) -> RxAnswer {
    let player = RxModelPlayer(asked, profile)
    player.play()
    return player.finished
  }

  private init(_ asked: RxCase, _ profile: RuleProfile) {
    self.asked = asked
    self.profile = profile
    let queues = asked.guest.queues
    var control = ControlModelPlayer(queues: queues, start: 0)
    _ = control.publish(asked.control)
    self.control = control
    answer = RxAnswer(queues: queues)
    offered = Array(repeating: [], count: queues)
    answered = Array(repeating: [], count: queues)
  }

  private func play() {
    var model = RxModel(
      queues: asked.guest.queues, start: asked.start?.rawValue ?? 0, guest: asked.guest.modelled
    ) { [unowned self] in copy($0, to: $1, at: $2) }
    for step in asked.steps {
      play(step, &model)
      hand(over: &model)
      answer.answeredAfterSteps.append(answered.reduce(0) { $0 + $1.count })
    }
  }

  private func play(_ step: RxStep, _ model: inout RxModel) {
    switch step {
    case .post(let slots, let beyond, let queue):
      for slot in slots { model.write(words(of: slot, queue), queue: queue) }
      model.publish(queue: queue, beyond: beyond)
    case .send(let frames):
      for frame in frames {
        model.give(frame.octets[...], frame.offload, control.hash, now: now)
        hand(over: &model)
      }
    case .pause(let milliseconds): now += UInt64(milliseconds)
    }
  }

  /// Takes what the model answers now.
  private func hand(over model: inout RxModel) {
    for (queue, answers) in model.run(now: now).enumerated() { answered[queue] += answers }
  }

  private func words(of slot: RxSlot, _ queue: Int) -> SlotWords {
    let id = slot.id ?? UInt16(truncatingIfNeeded: 0x4100 + offered[queue].count)
    offered[queue].append(slot)
    let grant = slot.grant.reference(among: Self.grants, revoked: nil)
    return [UInt32(id) | UInt32(slot.pad) << 16, grant.rawValue, 0, 0]
  }

  /// Linux hands on what Xen says, which knows a reference in its table that stands for nothing from one that is in no table.
  private func copy(_ octets: ArraySlice<UInt8>, to grant: UInt32, at offset: Int) -> Int16? {
    guard let page = Self.grants.firstIndex(where: { $0.rawValue == grant }) else {
      guard profile == .linux else { return -1 }
      let isUnknown = grant == CaseGrant.unknown.reference(among: [], revoked: nil).rawValue
      return isUnknown ? -3 : -1
    }
    pages[page, default: RxRun.blank].replaceSubrange(offset..<offset + octets.count, with: octets)
    return nil
  }

  private var finished: RxAnswer {
    for (queue, answers) in answered.enumerated() {
      answer.queues[queue] = answers.map { answer in
        switch answer {
        case .extra(let words): .extra(words.low, words.high)
        case .data(let response, let place): .data(response, page: digest(response, queue, place))
        }
      }
    }
    return answer
  }

  private func digest(_ response: RxResponse, _ queue: Int, _ place: Int) -> UInt32? {
    guard response.status.rawValue > 0, place < offered[queue].count,
      case .page(let page) = offered[queue][place].grant
    else { return nil }
    let octets = pages[Int(page)] ?? RxRun.blank
    return FrameDigest(octets.span.octets).checksum
  }
}

extension RxGuest {
  /// What the keys say, to the model.
  fileprivate var modelled: RxModel.Guest {
    var guest = RxModel.Guest()
    let keys = allKeys
    if keys["feature-gso-tcpv4"] != "1" { guest.takesUncutIPv4 = false }
    if keys["feature-gso-tcpv6"] != "1" { guest.takesUncutIPv6 = false }
    guest.notifies = keys["feature-rx-notify"] == "1"
    guest.headroom = keys["xdp-headroom"].flatMap { Int($0) } ?? 0
    return guest
  }
}

extension RxCase {
  /// See `RingCase`.
  public func modelled(by profile: RuleProfile) -> RxAnswer {
    RxModelPlayer.answer(to: self, by: profile)
  }
}
