import Netfront
import Netif
public import WorldConformance
public import XenInterface
import XenRing

extension BackendRows {
  private static let options = NetfrontOptions(
    queues: 2, controlRing: true,
    extraKeys: ["request-multicast-control": "1", "xdp-headroom": "256"])

  /// What a guest asks over its control ring, and where frames go then.
  var hashing: [LabRow] {
    [
      vif("messages are answered, and frames go where they say", Self.options) { vif in
        try talk(vif)
        try talkOn(vif)
      }
    ]
  }

  /// The same on a vif that is there, for somebody who watches it and looks again after `pause`.
  public func watchedControl(of handle: VifHandle, pause: @escaping () throws -> Void) -> LabRow {
    backend("messages are answered, and frames go where they say") { backend, world in
      try TestedVif.on(handle, backend, world) { vif in
        try vif.connect(Self.options)
        try talk(vif)
        try pause()
        try talkOn(vif)
      }
    }
  }

  /// Sets hashing up, rightly and wrongly.
  private func talk(_ vif: TestedVif) throws {
    vif.offerPages()
    let page = try ControlPage(of: vif)
    let gone: UInt32 = 60_000
    try vif.expectFrames(of: 0..<4, hashedWith: nil)
    try vif.ask([.init(.getHashFlags)], expecting: [.notSupported])
    try vif.ask([.init(.setHashFlags, 15)], expecting: [.invalidParameter])
    try vif.ask([.init(.setHashAlgorithm, 2)], expecting: [.invalidParameter])
    try vif.ask(
      [.init(.setHashAlgorithm, 1), .init(.getHashFlags), .init(.setHashFlags, 15)],
      expecting: [.success, .success, .success])
    try vif.expectFrames(of: 4..<8, hashedWith: ToeplitzKey())
    let key = page.setKey(from: 3)
    try vif.ask([.init(.setHashKey, page.grant, 40)], expecting: [.success])
    try vif.expectFrames(of: 8..<16, hashedWith: key)
    try vif.ask(
      [.init(.getHashMappingSize), .init(.setHashMappingSize, 129), .init(.setHashMappingSize, 8)],
      expecting: [.success, .invalidParameter, .success])
    page.setMapping([1, 0, 1, 1, 0])
    try vif.ask(
      [.init(.setHashMapping, page.grant, 5, 3), .init(.setHashMapping, page.grant, 5, 4)],
      expecting: [.success, .invalidParameter])
    page.setMapping([0, 2])
    try vif.ask([.init(.setHashMapping, page.grant, 2, 0)], expecting: [.invalidParameter])
    try vif.ask(
      [.init(.setHashKey, gone, 40), .init(.setHashMapping, gone, 8, 0)],
      expecting: [.invalidParameter, .invalidParameter])
    try vif.ask(
      [.init(.getGrantMappingSize, 1, 2, 3)],
      expecting: [vif.stagesPages ? .success : .notSupported])
    try vif.expectFrames(of: 16..<32, hashedWith: key)
    try vif.joinGroups(1...3)
  }

  /// Goes on with what was set before.
  private func talkOn(_ vif: TestedVif) throws {
    let page = try ControlPage(of: vif)
    try vif.joinGroups(4...5)
    let before = ControlPage.key(from: 3)
    try vif.expectFrames(of: 32..<48, hashedWith: before)
    let key = page.setKey(from: 90)
    try vif.ask([.init(.setHashKey, page.grant, 40)], expecting: [.success])
    try vif.expectFrames(of: 48..<64, hashedWith: key)
    try vif.ask(
      [.init(.setHashAlgorithm, 0), .init(.getHashFlags)], expecting: [.success, .notSupported])
    try vif.expectFrames(of: 64..<68, hashedWith: nil)
  }
}

extension ControlRequest {
  /// A message with its number as its id.
  fileprivate init(
    _ message: ControlMessage, _ data0: UInt32 = 0, _ data1: UInt32 = 0, _ data2: UInt32 = 0
  ) {
    self.init(
      id: 0x4000 + message.rawValue, type: message.rawValue, data0: data0, data1: data1,
      data2: data2)
  }
}

/// A page of the guest's for what messages point at.
private struct ControlPage {
  private let page: any GrantedPages

  init(of vif: TestedVif) throws {
    page = try vif.front.xen.allocator.share(
      1, with: vif.front.path.backendDomain, access: .readOnly)
  }

  var grant: UInt32 { page.grants[0].rawValue }

  static func octets(from first: UInt8) -> [UInt8] {
    (0..<40).map { first &+ UInt8($0) &* 29 }
  }

  static func key(from first: UInt8) -> ToeplitzKey {
    ToeplitzKey(octets(from: first).span.octets)
  }

  func setKey(from first: UInt8) -> ToeplitzKey {
    write(Self.octets(from: first))
    return Self.key(from: first)
  }

  func setMapping(_ queues: [UInt8]) { write(queues.flatMap { [$0, 0, 0, 0] }) }

  private func write(_ octets: [UInt8]) {
    page.setOctets(octets.span.octets, page: 0, at: 0)
  }
}

extension TestedVif {
  /// Publishes messages together and expects their answers.
  fileprivate func ask(_ requests: [ControlRequest], expecting statuses: [ControlStatus]) throws {
    let answers = try ask(requests)
    try expect(answers.map(\.status), is: statuses.map(\.rawValue), "statuses of \(requests)")
    try expect(answers.map(\.id), is: requests.map(\.id), "ids")
    try expect(answers.map(\.type), is: requests.map(\.type), "types")
  }

  /// Gives frames of several flows, each over IPv4 and IPv6, and expects them with their hash.
  fileprivate func expectFrames(of flows: Range<UInt16>, hashedWith key: ToeplitzKey?) throws {
    for number in flows {
      for isIPv6 in [false, true] {
        let octets = TestFrame.flow(number &* 257, isIPv6: isIPv6)
        try give(octets)
        let frame = try received()
        // Backends count the headroom as delivered, so as much stands behind the frame.
        try expect(frame.map { Array($0.octets.prefix(octets.count)) }, is: octets)
        let hash = key.flatMap { FlowKey(octets.span.octets, types: .all)?.hash(with: $0) }
        try expect(frame?.offload.hash, is: hash, "the hash of flow \(number)")
      }
    }
  }

  /// Asks for frames to multicast groups.
  fileprivate func joinGroups(_ numbers: ClosedRange<UInt8>) throws {
    let queue = front.queues[0]
    for number in numbers {
      queue.tx.put(
        TxRequest(
          grant: queue.txPages.grant(of: 0), offset: 0, flags: .extraInfo,
          id: 200 + UInt16(number), size: 0))
      let group = MACAddress(bits: 0x0100_5e00_0000 + UInt64(number))
      queue.tx.put(words: ExtraInfoSlot(.multicastAdd(group), hasMore: false).words)
      queue.tx.publish()
      try expect(rawAnswers(2).first, is: UInt32(200 + UInt32(number)), "the answer")
    }
  }
}
