import Netfront
import Netif
import WorldConformance
import XenInterface
import XenRing

extension BackendRows {
  /// The control ring: what every backend that has one answers.
  var control: [LabRow] {
    [
      talk("messages of unknown types, and of staging grants (R-29, R-32)") { talk in
        for type in [0, 11, 0xffff] as [UInt16] {
          try talk.expect(.notSupported, type, .max, .max, .max)
        }
        let offersStaging = talk.vif.front.stagingCapacity(of: 0, until: talk.vif.soon) != nil
        for type in [8, 9, 10] as [UInt16] {
          try talk.expect(
            offersStaging ? .invalidParameter : .notSupported, type, .max, .max, .max)
        }
      },
      talk("an algorithm comes before hash types") { talk in
        try talk.expect(.notSupported, .getHashFlags)
        try talk.expect(.invalidParameter, .setHashFlags, 1)
        try talk.expect(.invalidParameter, .setHashAlgorithm, 2)
        try talk.expect(.success, .setHashAlgorithm, 1)
        try talk.expect(.success, .getHashFlags, data: 15)
        try talk.expect(.invalidParameter, .setHashFlags, 0x10)
        try talk.expect(.success, .setHashFlags, 15)
      },
      talk("a mapping lies in its table, and names queues that are there (R-30)", mappings),
      talk("a key has 40 octets at most (R-31)", keys),
      talk("a key that changes in the midst of traffic") { talk in
        try talk.expect(.success, .setHashAlgorithm, 1)
        try talk.expect(.success, .setHashFlags, 15)
        talk.vif.offerPages()
        for round in 0..<5 as Range<UInt8> {
          talk.write([UInt8](repeating: round &+ 1, count: 40))
          try talk.expect(.success, .setHashKey, talk.grant, 40)
          for count in [100, 200] {
            try talk.vif.give(TestFrame.tcp(count))
            try WorldConformance.expect(
              talk.vif.received()?.octets, is: TestFrame.tcp(count), "the frame")
          }
        }
      },
    ]
  }

  private func mappings(_ talk: ControlTalk) throws {
    try talk.expect(.success, .getHashMappingSize, data: 128)
    try talk.expect(.invalidParameter, .setHashMappingSize, 129)
    try talk.expect(.success, .setHashMappingSize, 4)
    talk.write([UInt8](repeating: 0, count: 64))
    let outside: [(UInt32, UInt32)] = [
      (0x10, 0xffff_fff8), (1025, 0), (0x4001, 0), (0x4000, 0), (0x4000_0001, 0), (3, 2), (1, 4),
    ]
    for (count, place) in outside {
      try talk.expect(.invalidParameter, .setHashMapping, talk.grant, count, place)
    }
    for (count, place) in [(0, 4), (2, 2), (4, 0)] as [(UInt32, UInt32)] {
      try talk.expect(.success, .setHashMapping, talk.grant, count, place)
    }
    try talk.expect(.invalidParameter, .setHashMapping, ControlTalk.ungranted, 4, 0)
    for queue in [[2, 0, 0, 0], [0xff, 0xff, 0xff, 0xff], [0, 0, 0, 0x80]] as [[UInt8]] {
      talk.write(queue)
      try talk.expect(.invalidParameter, .setHashMapping, talk.grant, 1, 0)
    }
  }

  private func keys(_ talk: ControlTalk) throws {
    for length in [41, 0x10000, .max] as [UInt32] {
      try talk.expect(.invalidParameter, .setHashKey, talk.grant, length)
    }
    for length in [40, 1, 0] as [UInt32] {
      try talk.expect(.success, .setHashKey, talk.grant, length)
    }
    try talk.expect(.invalidParameter, .setHashKey, ControlTalk.ungranted, 3)
    try talk.expect(.success, .setHashKey, ControlTalk.ungranted, 0)
  }

  private func talk(_ name: String, _ body: @escaping (ControlTalk) throws -> Void) -> LabRow {
    vif("control ring: \(name)", NetfrontOptions(queues: 2, controlRing: true)) { vif in
      try body(try ControlTalk(vif))
    }
  }
}

/// A control ring, and a page that its messages point at.
private struct ControlTalk {
  static let ungranted: UInt32 = 30_000

  let vif: TestedVif
  private let ring: FrontChannel<ControlRequest, ControlResponse>
  private let page: any GrantedPages

  init(_ vif: TestedVif) throws {
    guard let control = vif.front.control else {
      throw Unexpected(description: "the backend offers no control ring")
    }
    self.vif = vif
    ring = control.ring
    page = try vif.front.xen.allocator.share(
      1, with: vif.front.path.backendDomain, access: .readOnly)
  }

  var grant: UInt32 { page.grants[0].rawValue }

  func write(_ octets: [UInt8]) { page.setOctets(octets.span.octets, page: 0, at: 0) }

  /// Sends a message and expects its answer.
  func expect(
    _ status: ControlStatus, _ message: ControlMessage, _ data0: UInt32 = 0, _ data1: UInt32 = 0,
    _ data2: UInt32 = 0, data: UInt32 = 0
  ) throws {
    try expect(status, message.rawValue, data0, data1, data2, data: data)
  }

  /// Sends a message of any type and expects its answer.
  func expect(
    _ status: ControlStatus, _ type: UInt16, _ data0: UInt32, _ data1: UInt32, _ data2: UInt32,
    data: UInt32 = 0
  ) throws {
    ring.put(ControlRequest(id: 0xa5a5, type: type, data0: data0, data1: data1, data2: data2))
    ring.publish()
    var answer: ControlResponse?
    _ = vif.front.wait(until: vif.soon) {
      if let slot = try? ring.takeResponse() { answer = ControlResponse(words: slot.words) }
      if answer == nil { ring.armResponseEvent() }
      return answer != nil
    }
    let wanted = ControlResponse(id: 0xa5a5, type: type, status: status.rawValue, data: data)
    try WorldConformance.expect(answer, is: wanted, "the answer to \((type, data0, data1, data2))")
  }
}
