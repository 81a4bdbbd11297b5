import TestSupport
import Testing

@Suite struct `A pcapng file` {
  @Test func `has two interfaces for each vif, with nanoseconds`() throws {
    let file = try capture(events: "")
    #expect(
      file.interfaces == [
        .init(link: 1, name: "vif5.1", timeUnit: 9),
        .init(link: 147, name: "vif5.1-rings", timeUnit: 9),
      ])
    #expect(file.section[4] == Array("test 1".utf8))
    #expect(file.section[1] == nil)
  }

  @Test func `says what was left out of the trace`() throws {
    let file = try capture(events: "", header: "redaction \"snaplen=64\"")
    #expect(file.section[1] == Array("snaplen=64".utf8))
  }

  @Test func `has frames of both directions as the host's interface sees them`() throws {
    let file = try capture(
      events: """
        3.000000001 0.0 fetched delivered request=7 length=60 checksum=partial segment=1448 \
        segment-type=1 data=0102030405
        3.5 0.0 fetched taken length=4 checksum=verified data=01020304
        4 0.0 fetched dropped length=3 checksum=unknown data=090807
        """)
    #expect(file.frames.map(\.flags) == [0xa01, 0x402, 2])
    #expect(file.frames.map(\.time) == [3_000_000_001, 3_500_000_000, 4_000_000_000])
    #expect(file.frames.map(\.length) == [60, 4, 3])
    #expect(file.frames.map(\.octets.count) == [5, 4, 3])
    #expect(file.frames.map(\.identity) == [0, 1, 2])
    #expect(file.events.isEmpty)
  }

  @Test func `has the time of day where the trace knows it`() throws {
    let file = try capture(
      events: """
        3 0.0 fetched disconnected
        4 0.0 fetched disconnected
        """, header: "wall-time 1700000000000000000")
    #expect(file.events.map(\.time) == [1_700_000_000_000_000_000, 1_700_000_001_000_000_000])
  }

  @Test func `has an event's queue, and a vif that comes later`() throws {
    let file = try capture(events: "3 4.2 fetched notification tx by=frontend")
    #expect(file.events.map(\.queue) == [2])
    #expect(file.interfaces.map(\.name).suffix(2) == ["vif number 4", "vif number 4-rings"])
    #expect(file.events.map(\.interface) == [3])
  }

  @Test func `keeps of a packet what Wireshark reads`() throws {
    let line = "  " + String(repeating: "00", count: 1000)
    let text = Array(repeating: line, count: 300).joined(separator: "\n")
    let file = try capture(events: "1 0.0 fetched snapshot data=00\n\(text)")
    #expect(file.events.map(\.octets.count) == [262_144])
    #expect(file.events.map(\.length) == [300_025])
  }
}
