import TestSupport
import Testing

@Suite struct `An event as a packet` {
  /// Version, kind, origin, extra info; domain, queue, handle, reserved, number.
  static func head(_ kind: UInt8, isExtra: Bool = false) -> [UInt8] {
    [1, kind, 0, isExtra ? 1 : 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0] + [0, 0, 0, 0, 0, 0, 0, 0]
  }

  @Test(
    arguments: [
      (
        "tx-slot 2 gref=8 offset=64 flags=0x1 id=3 size=60", 0,
        [2, 0, 0, 0, 8, 0, 0, 0, 64, 0, 1, 0, 3, 0, 60, 0]
      ),
      ("rx-slot 2 id=3 gref=8", 1, [2, 0, 0, 0, 3, 0, 0, 0, 8, 0, 0, 0]),
      (
        "control-slot 2 id=3 type=4 data0=0x5 data1=0x6 data2=0x7", 2,
        [2, 0, 0, 0, 3, 0, 4, 0, 5, 0, 0, 0, 6, 0, 0, 0, 7, 0, 0, 0]
      ),
      ("request-producer rx 9", 3, [1, 0, 0, 0, 9, 0, 0, 0]),
      ("response-producer control 9", 4, [2, 0, 0, 0, 9, 0, 0, 0]),
      ("event-index tx by=frontend 9", 5, [0, 0, 0, 0, 9, 0, 0, 0]),
      ("notification rx by=backend", 6, [1, 1, 0, 0]),
      ("poll-begin tx budget=64", 7, [0, 0, 0, 0, 64, 0, 0, 0]),
      (
        "poll-end tx consumer=1 producer=2 packets=3", 8,
        [0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0]
      ),
      (
        "copy-from-guest gref=8 offset=64 length=60 status=-3", 9,
        [8, 0, 0, 0, 64, 0, 60, 0, 253, 255, 0, 0]
      ),
      (
        "copy-to-guest gref=8 offset=64 length=60 status=okay captured=2", 10,
        [8, 0, 0, 0, 64, 0, 60, 0, 0, 0, 2, 0]
      ),
      (
        "map gref=8 read-only=yes handle=7 status=okay", 11,
        [8, 0, 0, 0, 7, 0, 0, 0, 0, 0, 1, 0]
      ),
      ("unmap gref=8 handle=7 status=okay", 12, [8, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0]),
      ("memory gref=8 offset=64 length=60 data=0102", 13, [8, 0, 0, 0, 64, 0, 60, 0, 1, 2]),
      ("release 9", 14, [9, 0, 0, 0]),
      (
        "tx-response 1 request=2 id=3 status=error", 15,
        [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 255, 255]
      ),
      (
        "rx-response 1 id=3 offset=4 flags=0x5 status=60", 16,
        [1, 0, 0, 0, 3, 0, 4, 0, 5, 0, 60, 0]
      ),
      (
        "control-response 1 id=3 type=4 status=1 data=0x7", 17,
        [1, 0, 0, 0, 3, 0, 4, 0, 1, 0, 0, 0, 7, 0, 0, 0]
      ),
      ("state connected of=backend", 21, [4, 1, 0, 0]),
      ("key of=backend text=\"a=b\"", 22, [1, 0, 0, 0, 97, 61, 98]),
      ("connected queues=2", 23, [2, 0, 0, 0]),
      ("disconnected", 24, []),
      ("disabled rule=5", 25, [5, 0, 0, 0]),
      ("gap lost=258", 26, [2, 1, 0, 0, 0, 0, 0, 0]),
      ("note text=\"a\"", 27, [97]),
      ("snapshot data=0102", 28, [1, 2]),
    ] as [(String, UInt8, [UInt8])])
  func `has its fields where the guide says`(_ line: String, _ kind: UInt8, _ body: [UInt8]) throws
  {
    let file = try capture(events: "1 0.0 fetched \(line)")
    #expect(file.events.map(\.octets) == [Self.head(kind) + body])
  }

  @Test func `says of an extra info that it is one`() throws {
    let file = try capture(
      events: """
        1 0.0 fetched tx-slot 2 gref=8 offset=64 flags=0x8 id=3 size=60
        1 0.0 fetched tx-extra 3 type=1 flags=0x0 value=1448 data=0x1 unused=0x2
        """)
    var wanted = Self.head(0, isExtra: true)
    wanted[16] = 1
    #expect(
      file.events.last?.octets
        == wanted + [3, 0, 0, 0, 1, 0, 0xa8, 5, 1, 0, 0, 0, 2, 0, 0, 0])
  }

  @Test func `stands in the block behind a frame, with the frame first`() throws {
    let file = try capture(
      events: """
        1 0.0 fetched tx-slot 2 gref=8 offset=64 flags=0x0 id=3 size=60
        1 0.0 fetched delivered request=2 length=60 checksum=partial segment=1448 segment-type=2 \
        hash=258 hash-type=3 data=0102
        1 0.0 fetched tx-response 2 request=2 id=3 status=okay
        """)
    let (enterprise, data, packets) = try #require(file.customs.first)
    #expect(file.customs.count == 1 && enterprise == 32473 && packets == 2)
    #expect(data.prefix(8) == Array("RINGSIDE".utf8)[...])
    #expect(data[8..<28] == [1, 1, 255, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0])
    var frame = Self.head(18)
    frame[16] = 1
    frame += [2, 0, 0, 0, 60, 0, 0, 0, 2, 1, 0, 0, 0xa8, 5, 2, 1, 3, 3, 0, 0]
    #expect(data[28..<32] == [44, 0, 0, 0])
    #expect(Array(data[32..<76]) == frame)
    #expect(Array(data[80..<120]) == file.events[0].octets)
    #expect(Array(data[124..<160]) == file.events[1].octets)
    #expect(data.count == 160)
  }
}
