import Netfront
import Netif
import XenInterface
import XenRing

/// A guest's talk on its control ring.
struct ControlTalk {
  /// The vif whose backend answers.
  let vif: CaseVif
  private let pages: any GrantedPages
  private let staging: StagingPages

  /// Grants the pages that messages point at.
  init(on vif: CaseVif) throws(CaseError) {
    self.vif = vif
    staging = StagingPages(on: vif)
    pages = try vif.share(ControlPages.allCases.map(\.octets), access: .readOnly)
  }

  /// Takes back what messages can set.
  static let reset = [
    ControlSlot(.setHashAlgorithm, HashAlgorithm.toeplitz.rawValue), ControlSlot(.setHashFlags, 0),
    ControlSlot(.setHashKey, 0), ControlSlot(.setHashMappingSize, 0),
    ControlSlot(.setHashAlgorithm, HashAlgorithm.none.rawValue),
  ]

  /// Publishes messages that must succeed.
  func expectSuccess(_ messages: [ControlSlot], on netfront: Netfront) throws(CaseError) {
    let answer = try publish(messages, on: netfront)
    for response in answer.responses where response.status != ControlStatus.success.rawValue {
      throw .refused(type: response.type)
    }
  }

  /// Publishes messages and waits until the backend rests.
  ///
  /// - Parameter beyond: how far the producer is ahead of the messages.
  func publish(
    _ messages: [ControlSlot], beyond: UInt32 = 0, on netfront: Netfront,
    revoked: GrantReference? = nil
  ) throws(CaseError) -> ControlAnswer {
    guard let ring = netfront.control?.ring else {
      throw .frontend(.missingFeature("feature-ctrl-ring"))
    }
    defer { staging.forgetLists() }
    for message in messages {
      var request = message.resolved { $0.reference(among: pages.grants, revoked: revoked) }
      if let list = message.list { request.data1 = try staging.grant(of: list).rawValue }
      ring.put(request)
    }
    staging.revoke()
    let claimed = ring.requestProducer.advanced(by: beyond)
    ring.publish(claiming: claimed, .always)
    var answer = ControlAnswer()
    let wanted = UInt32(messages.count) &+ beyond
    let rests = vif.wait(atMost: vif.patience.rest) {
      answer.isDisabled = vif.backend.isDisabled(netfront.path)
      return answer.isDisabled
        || (ring.requestEvent == claimed.advanced(by: 1) && Self.published(ring) == wanted)
    }
    if answer.isDisabled { vif.wait(vif.patience.grace) }
    answer.published = Self.published(ring)
    guard rests else { throw .noRest(answered: answer.published, published: wanted) }
    while let taken = try? ring.takeResponse() {
      answer.responses.append(ControlResponse(words: taken.words))
    }
    return answer
  }

  /// Answers published and not taken, however many are claimed.
  private static func published(_ ring: FrontChannel<ControlRequest, ControlResponse>) -> UInt32 {
    do throws(RingViolation) { return try ring.unconsumedResponses() } catch {
      switch error {
      case .producerTooFar(let distance, _): return distance
      }
    }
  }
}

extension ControlSlot {
  /// The message as it goes into the ring.
  func resolved(_ reference: (CaseGrant) -> GrantReference) -> ControlRequest {
    var request = request
    if let grant { request.data0 = reference(grant).rawValue }
    return request
  }
}
