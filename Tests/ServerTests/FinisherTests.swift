import Netif
import PacketCapture
import Server
import Testing
import XenRing

/// A frame whose checksum is blank but for the pseudo header, as senders with offloads leave it.
private func blank(_ version: Int, transport: UInt8 = 6, payload: Int, tagged: Bool = false)
  throws -> (octets: [UInt8], place: ChecksumPlace)
{
  var octets = frame(version, transport: transport, payload: payload)
  let place = try checksumPlace(octets)
  octets[place.start + place.offset] = UInt8(place.blank >> 8)
  octets[place.start + place.offset + 1] = UInt8(place.blank & 0xff)
  if tagged { octets.insert(contentsOf: [0x81, 0, 0, 7], at: 12) }
  return (octets, place)
}

private func checksumPlace(_ octets: [UInt8]) throws -> ChecksumPlace {
  let place = ChecksumPlace(octets.span.octets)
  return try #require(place)
}

/// Whether the transport checksum of a frame without tags is right: all it covers sums up to ones.
private func isSound(_ octets: [UInt8]) throws -> Bool {
  let place = try checksumPlace(octets)
  let covered = octets.span.octets.sum(place.start..<octets.count)
  return RawSpan.folded(UInt32(place.blank) + covered) == 0xffff
}

private func word(_ octets: [UInt8], _ place: Int) -> Int {
  Int(octets[place]) << 8 | Int(octets[place + 1])
}

@Suite struct `A frame is finished` {
  @Test(arguments: [4, 6], [UInt8(6), 17])
  func `by filling in its checksum`(version: Int, transport: UInt8) throws {
    for payload in [0, 1, 2, 99, 1400] {
      let (octets, place) = try blank(version, transport: transport, payload: payload)
      var finished: [[UInt8]] = []
      var finisher = FrameFinisher()
      let isDone = finisher.finish(
        octets.span.octets, start: place.start, offset: place.offset, nil
      ) { finished.append($0.array) }
      #expect(isDone)
      #expect(finished.count == 1)
      #expect(try isSound(finished[0]))
      #expect(
        finished[0].dropFirst(place.start + place.offset + 2).elementsEqual(
          octets.dropFirst(place.start + place.offset + 2)))
    }
  }

  @Test(arguments: [4, 6], [(20000, 1400), (1, 1400), (2800, 1400), (2801, 1400), (65400, 48)])
  func `by cutting it into segments that are right each`(
    version: Int, sizes: (payload: Int, segment: Int)
  ) throws {
    for isTagged in [false, true] {
      let (octets, place) = try blank(version, payload: sizes.payload, tagged: isTagged)
      let start = place.start + (isTagged ? 4 : 0)
      var segments: [[UInt8]] = []
      var finisher = FrameFinisher()
      let type = version == 4 ? Segmentation.tcpv4 : Segmentation.tcpv6
      let isDone = finisher.finish(
        octets.span.octets, start: start, offset: 16,
        Segmentation(size: UInt16(sizes.segment), type: type)
      ) { span in
        var segment = span.array
        if isTagged { segment.removeSubrange(12..<16) }
        segments.append(segment)
      }
      #expect(isDone)
      #expect(segments.count == (sizes.payload + sizes.segment - 1) / sizes.segment)
      let header = place.start + 20
      #expect(segments.flatMap { $0.dropFirst(header) } == Array(octets.suffix(sizes.payload)))
      for (number, segment) in segments.enumerated() {
        #expect(try isSound(segment))
        #expect(word(segment, place.start + 6) == (number * sizes.segment) & 0xffff)
        #expect(word(segment, place.start + 4) == (number * sizes.segment) >> 16)
        let length = segment.count - (version == 4 ? 14 : 54)
        #expect(word(segment, version == 4 ? 16 : 18) == length)
        guard version == 4 else { continue }
        #expect(word(segment, 18) == number)
        let header = segment.span.octets.sum(14..<34)
        #expect(RawSpan.folded(header) == 0xffff)
      }
    }
  }

  @Test func `by saying what ends it in the last segment only`() throws {
    var (octets, place) = try blank(4, payload: 3000)
    octets[place.start + 13] = 0xff
    var flags: [UInt8] = []
    var finisher = FrameFinisher()
    _ = finisher.finish(
      octets.span.octets, start: place.start, offset: 16,
      Segmentation(size: 1000, type: Segmentation.tcpv4)
    ) { flags.append($0.octet(at: place.start + 13)) }
    #expect(flags == [0xf6, 0x76, 0x7f])
  }

  @Test(arguments: [
    (-1, 16), (34, -1), (34, 3000), (3000, 16), (0, 16), (20, 16), (.max / 2, 16),
  ])
  func `not at all when its headers lie elsewhere`(start: Int, offset: Int) throws {
    let (octets, _) = try blank(4, payload: 2000)
    var finisher = FrameFinisher()
    for size in [UInt16(0), 47, 1000] {
      let isDone = finisher.finish(
        octets.span.octets, start: start, offset: offset,
        Segmentation(size: size, type: Segmentation.tcpv4)
      ) { _ in }
      #expect(!isDone)
    }
  }

  @Test(arguments: [4, 6])
  func `as far as the guest cannot do it itself`(version: Int) throws {
    let (octets, _) = try blank(version, payload: 5000)
    let type = version == 4 ? Segmentation.tcpv4 : Segmentation.tcpv6
    let offload = FrameOffload(
      checksum: .partial, segmentation: Segmentation(size: 1000, type: type))
    let all: NetifFeatures = [.gsoTCPv4, .gsoTCPv6, .checksumIPv4, .checksumIPv6]
    let withoutCutting: NetifFeatures = version == 4 ? [.gsoTCPv6] : [.gsoTCPv4]
    let withoutSums: NetifFeatures = version == 4 ? [.checksumIPv6] : [.checksumIPv4]
    let expected = [
      (all, 1), (all.subtracting([.gsoTCPv4, .gsoTCPv6]).union(withoutCutting), 5),
      (all.subtracting([.checksumIPv4, .checksumIPv6]).union(withoutSums), 5), ([], 5),
    ]
    for (features, count) in expected {
      var frames: [FrameOffload] = []
      var finisher = FrameFinisher()
      let isDone = finisher.fit(octets.span.octets, offload, to: features) { frames.append($1) }
      #expect(isDone)
      #expect(frames.count == count)
      #expect(frames.allSatisfy { ($0.segmentation == nil) == (count > 1) })
      #expect(frames.allSatisfy { $0.checksum == (count > 1 ? .verified : .partial) })
    }
  }

  @Test func `when the host means a checksum that no guest would find`() throws {
    for (isTagged, expected) in [(false, ChecksumState.partial), (true, .verified)] {
      let (octets, place) = try blank(4, payload: 200, tagged: isTagged)
      var header = VnetHeader()
      header.flags = .needsChecksum
      header.checksumStart = UInt16(place.start + (isTagged ? 4 : 0))
      header.checksumOffset = 16
      var found: [ChecksumState] = []
      var finisher = FrameFinisher()
      finisher.readFrame(octets.span.octets, behind: header) { found.append($1.checksum) }
      #expect(found == [expected])
    }
  }
}
