import Netif

/// The rules of a profile that are numbers or severities.
struct ModelProfile {
  /// Slots behind the first one that a packet may have.
  let continuations: Int
  /// Slots behind the first one from which on a guest is cut off, if it ever is.
  let fatalContinuations: Int?
  /// Whether a slot over the end of its page, and a segmentation of no sense, cut the guest off.
  let cutsOff: Bool

  init(_ profile: RuleProfile) {
    switch profile {
    case .linux: (continuations, fatalContinuations, cutsOff) = (18, 20, true)
    case .netif: (continuations, fatalContinuations, cutsOff) = (17, nil, false)
    }
  }
}

extension ModelPacket {
  /// The first rule that decides the packet's fate, `nil` when it is to be taken.
  ///
  /// A rule about the whole packet is asked in the place where a backend that walks it slot by slot comes
  /// to know the answer.
  func judgement(by profile: ModelProfile) -> ModelVerdict? {
    if missing == .missingExtra { return .fatal(.missingExtra) }
    if hasUnknownExtra { return .fatal(.extraType) }
    if isMulticast { return .multicast }
    var refused: ModelRule?
    if let verdict = walk(profile, &refused) { return verdict }
    if missing == .missingSlot { return .fatal(.missingSlot) }
    if let refused { return .refused(refused) }
    if parts[0].octets < 14 { return .refused(.minimumSize) }
    if Int(parts[0].request.offset) + parts[0].octets > 4096 {
      return profile.cutsOff ? .fatal(.pageCrossing) : .refused(.pageCrossing)
    }
    guard let segmentation else { return nil }
    if segmentation.size == 0 { return profile.segmentation(.gsoSize) }
    return (1...2).contains(segmentation.type) ? nil : profile.segmentation(.gsoType)
  }

  /// The slots behind the first, one after the other, for what cuts a guest off; and the first reason to
  /// refuse the packet.
  private func walk(_ profile: ModelProfile, _ refused: inout ModelRule?) -> ModelVerdict? {
    var left = total
    for (place, part) in parts.dropFirst().enumerated() {
      if let most = profile.fatalContinuations, place >= most { return .fatal(.slotLimitFatal) }
      if place >= profile.continuations { refused = refused ?? .slotLimit }
      if part.octets > left { refused = refused ?? .sizeSum }
      left = (left - part.octets) & 0xffff
      if Int(part.request.offset) + part.octets > 4096 {
        if profile.cutsOff { return .fatal(.pageCrossing) }
        refused = refused ?? .pageCrossing
      }
    }
    return nil
  }
}

extension ModelProfile {
  fileprivate func segmentation(_ rule: ModelRule) -> ModelVerdict {
    cutsOff ? .fatal(rule) : .refused(rule)
  }
}
