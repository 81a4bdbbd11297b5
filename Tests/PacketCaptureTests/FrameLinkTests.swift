import Foundation
import PacketCapture
import Testing
import XenRing

/// Whether this process may make tap devices.
private let canMakeTaps = (try? FrameLink(tap: "rs-probe")) != nil

/// A frame of a type that nobody else sends.
private func frame(_ number: UInt8, _ count: Int = 60) -> [UInt8] {
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, number, 0x88, 0xb5]
    + (14..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
}

/// A TCP frame over IPv4 that is to be cut, with headers that a kernel takes.
private func uncut(_ payload: Int) -> [UInt8] {
  let length = payload + 40
  var octets = Array(frame(1).prefix(12))
  octets += [8, 0, 0x45, 0, UInt8(length >> 8), UInt8(length & 0xff), 0, 0, 0x40, 0, 64, 6, 0, 0]
  octets += [192, 0, 2, 1, 192, 0, 2, 2, 0, 9, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 0x10, 0, 0]
  return octets + [UInt8](repeating: 0, count: 4 + payload)
}

private struct Received: Equatable {
  var header: VnetHeader
  var octets: [UInt8]
}

extension FrameLink {
  /// Sends frames, each with its header, that lie one behind the other.
  fileprivate func send(_ frames: [Received]) -> Int {
    var (headers, bounds, octets) = ([UInt8](), [UInt32](), [UInt8]())
    for frame in frames {
      frame.header.append(to: &headers)
      bounds += [UInt32(octets.count), UInt32(frame.octets.count)]
      octets += frame.octets
    }
    return send(headers: headers, bounds: bounds, octets: octets.span.octets)
  }

  /// Takes frames of ours until there are `count`, or none comes any more.
  fileprivate func take(_ count: Int) throws -> [Received] {
    var frames: [Received] = []
    for _ in 0..<500 where frames.count < count {
      let taken = try take(FrameLink.batch) { header, octets in
        let copy = octets.array
        if copy.starts(with: frame(1).prefix(11)) {
          frames.append(Received(header: header, octets: copy))
        }
      }
      if taken == 0 { usleep(2000) }
    }
    return frames
  }
}

@Suite(.serialized, .enabled(if: canMakeTaps, "needs the right to make tap devices"))
struct `A tap device and a packet socket on it` {
  private let tap: FrameLink
  private let socket: FrameLink

  init() throws {
    tap = try FrameLink(tap: "rs-link")
    socket = try FrameLink(interface: "rs-link")
  }

  @Test(arguments: [true, false])
  func `bring a batch of frames both ways, in order, by one system call or by many`(
    _ isBatched: Bool
  ) throws {
    if !isBatched { tap.divide() }
    #expect(!tap.isBatched || isBatched)
    let frames = (0..<150).map {
      Received(header: VnetHeader(), octets: frame(UInt8($0), 60 + 9 * $0))
    }
    for (from, to) in [(tap, socket), (socket, tap)] {
      #expect(from.send(frames) == 150)
      #expect(try to.take(150).map(\.octets) == frames.map(\.octets))
    }
  }

  @Test func `bring frames that are still to be cut, whole`() throws {
    try tap.accept(checksum: true, tcpv4: true, tcpv6: true)
    var header = VnetHeader()
    header.flags = .needsChecksum
    header.segments = .tcpv4
    (header.headerLength, header.segmentSize) = (54, 1000)
    (header.checksumStart, header.checksumOffset) = (34, 16)
    let sent = Received(header: header, octets: uncut(30000))
    for (from, to) in [(tap, socket), (socket, tap)] {
      #expect(from.send([sent]) == 1)
      let received = try to.take(1)
      #expect(received.map(\.octets.count) == [sent.octets.count])
      #expect(received.first?.header.segments == .tcpv4)
      #expect(received.first?.header.segmentSize == 1000)
      #expect(received.first?.header.checksumStart == 34)
    }
  }

  @Test func `bring them cut to who does not take them whole`() throws {
    try tap.accept(checksum: true, tcpv4: false, tcpv6: false)
    var header = VnetHeader()
    header.flags = .needsChecksum
    header.segments = .tcpv4
    (header.headerLength, header.segmentSize) = (54, 1000)
    (header.checksumStart, header.checksumOffset) = (34, 16)
    #expect(socket.send([Received(header: header, octets: uncut(3000))]) == 1)
    #expect(try tap.take(3).map(\.octets.count) == [1054, 1054, 1054])
  }

  @Test(arguments: [true, false])
  func `count what is not taken`(_ isBatched: Bool) throws {
    if !isBatched { tap.divide() }
    let bad = Received(header: VnetHeader(), octets: [1, 2, 3])
    let good = Received(header: VnetHeader(), octets: frame(9))
    #expect(tap.send([good, bad, good]) == 2)
    #expect(socket.send([good, bad, good]) == 2)
  }
}

@Suite(.serialized, .enabled(if: canMakeTaps, "needs the right to make tap devices"))
struct `A tap device with several queues` {
  private let name = "rs-queues"

  @Test func `takes frames on each of them, and gives each frame once`() throws {
    let first = try FrameLink(tap: name, hasQueues: true)
    let second = try first.openQueue()
    let socket = try FrameLink(interface: name)
    for (link, number) in [(first, 1), (second, 2)] {
      #expect(link.send([Received(header: VnetHeader(), octets: frame(UInt8(number)))]) == 1)
    }
    #expect(try socket.take(2).map(\.octets) == [frame(1), frame(2)])
    let sent = (0..<20).map { Received(header: VnetHeader(), octets: frame(UInt8($0))) }
    #expect(socket.send(sent) == 20)
    let taken = try [first, second].flatMap { try $0.take(20) }
    #expect(Set(taken.map(\.octets)) == Set(sent.map(\.octets)))
    #expect(taken.count == 20)
  }

  @Test func `is one process's, as one with one queue is`() throws {
    let link = try FrameLink(tap: name, hasQueues: true)
    #expect(throws: CaptureError.system(EBUSY)) { _ = try FrameLink(tap: name, hasQueues: true) }
    #expect(throws: CaptureError.otherDevice) { _ = try FrameLink(tap: name) }
    withExtendedLifetime(link) {}
  }

  @Test(arguments: [true, false])
  func `that was made with one is not taken for one with several, nor the other way round`(
    _ hasQueues: Bool
  ) throws {
    do { try FrameLink(tap: name, hasQueues: hasQueues).persist(true) }
    defer { try? FrameLink(tap: name, hasQueues: hasQueues).persist(false) }
    #expect(throws: CaptureError.otherDevice) {
      _ = try FrameLink(tap: name, hasQueues: !hasQueues)
    }
  }
}

@Test func `a link to an interface that is not there is refused`() {
  let error = #expect(throws: CaptureError.self) { _ = try FrameLink(interface: "rs-none") }
  #expect(error == .noInterface || error == .permissionDenied)
}
