import Netif
import XenRing

/// RX cases with a name: each boundary, each way in which a guest offers too little or the wrong.
enum NamedRxCases {
  static let all: [RxCase] =
    [sizes, heads, scarce, full, grants, requests, uncut, segments, lists].flatMap(\.self)
    + [sizes, scarce, grants, uncut, lists].flatMap(\.self).map { $0.wrapping(behind: 1) }
    + guests + headroom + hashes

  static let page = RingLayout.pageSize
  /// Octets of the longest frame that Linux's netback takes from its interface as it is.
  static let longest = 65_531

  /// RX requests for a frame.
  static func need(_ frame: CaseFrame) -> Int {
    (frame.length + page - 1) / page + (frame.offload.segmentation == nil ? 0 : 1)
  }

  /// Requests for all of the frames, and `spare` more.
  static func ample(_ name: String, _ frames: [CaseFrame], spare: Int = 0) -> RxCase {
    RxCase(name, [.post(frames.map(need).reduce(spare, +)), .send(frames)])
  }

  /// Around each page's end, which is each slot's.
  private static let sizes: [RxCase] = {
    let ends: [Int] = (1...15).flatMap { [$0 * page - 1, $0 * page, $0 * page + 1] }
    let short = [14, 15, 16, 33, 34, 54, 59, 60, 61, 64, 127, 128, 129, 1500, 1514]
    return (short + ends + [longest - 1, longest]).map { ample("size/\($0)", [CaseFrame($0)]) }
  }()

  /// Frames of each kind, finished and not.
  private static let heads: [RxCase] = {
    let finished: [RxCase] = FrameTemplate.all.indices.flatMap { kind in
      [60, 5000].map { ample("head/\(kind)-\($0)", [CaseFrame($0, kind: kind)], spare: 1) }
    }
    let blank: [RxCase] = (0...3).flatMap { kind in
      [74, 1514, 4096, 4097, 9000].map {
        ample("head/\(kind)-\($0)-blank", [.unfinished($0, kind: kind)])
      }
    }
    return finished + blank
  }()

  /// Requests that do not suffice at first.
  private static let scarce: [RxCase] =
    [60, 4097, 9000, 40_000, longest].flatMap(scarce) + [
      RxCase(
        "scarce/one-by-one",
        [.send([CaseFrame(17_000)])] + (0..<5).map { RxStep.post(1, from: $0) }),
      RxCase(
        "scarce/extra-info-counts",
        [.post(3), .send([.uncut(9000, segment: 1448)]), .post(1, from: 3)]),
      RxCase(
        "scarce/event-without-a-request",
        [.post(1), .send([CaseFrame(5000)]), .post(0), .post(1, from: 1)]),
    ]

  private static func scarce(_ length: Int) -> [RxCase] {
    let frame = CaseFrame(length, kind: 1)
    let other = CaseFrame(61)
    let count = need(frame)
    return [
      RxCase(
        "scarce/\(length)-one-less", [.post(count - 1), .send([frame]), .post(1, from: count)]),
      RxCase("scarce/\(length)-none", [.send([frame]), .post(count)]),
      RxCase(
        "scarce/\(length)-another-waits",
        [.post(count), .send([frame, other]), .post(1, from: count)]),
      RxCase(
        "scarce/\(length)-holds-a-short-one",
        [.post(count - 1), .send([frame, other]), .post(2, from: count)]),
    ]
  }

  /// As many frames as the ring has slots, as one batch takes, and as the backend's queue holds.
  private static let full: [RxCase] =
    [63, 64, 65, 128, 256].map { ample("full/\($0)", short($0)) } + [
      RxCase("full/256-waiting-for-requests", [.send(short(256)), .post(256)]),
      RxCase("full/queue", [.send(alike(131, of: page)), .post(200)]),
      RxCase("full/queue-of-long-frames", [.send(alike(10, of: longest)), .post(255)]),
    ]

  private static func short(_ count: Int) -> [CaseFrame] {
    (0..<count).map { CaseFrame(60 + $0, number: $0) }
  }

  private static func alike(_ count: Int, of length: Int) -> [CaseFrame] {
    (0..<count).map { CaseFrame(length, number: $0) }
  }

  /// References that do not work, at every place.
  private static let grants: [RxCase] =
    bad(60, at: [0]) + bad(9000, at: [0, 1, 2]) + bad(longest, at: [0, 1, 8, 14, 15])
    + (0..<4).map { place in
      let frame = CaseFrame.uncut(9000, segment: 1448)
      return bad("grant/unknown-\(place)-with-extra", frame, at: [place], .unknown)
    }

  private static func bad(_ length: Int, at places: [Int]) -> [RxCase] {
    let frame = CaseFrame(length)
    let count = need(frame)
    return [("unknown", CaseGrant.unknown), ("revoked", .revoked)].flatMap { name, grant in
      places.map { bad("grant/\(name)-\($0)-of-\(count)", frame, at: [$0], grant) } + [
        bad("grant/\(name)-all-of-\(count)", frame, at: 0..<count, grant)
      ]
    }
  }

  /// A frame some of whose requests are bad, and a good one behind it.
  private static func bad(
    _ name: String, _ frame: CaseFrame, at places: some Sequence<Int>, _ grant: CaseGrant
  ) -> RxCase {
    let count = need(frame)
    var slots = (0...count).map { RxSlot(.page(UInt8($0))) }
    for place in places { slots[place].grant = grant }
    return RxCase(name, [.post(slots), .send([frame, CaseFrame(70, kind: 1)])])
  }
}
