internal import CLinux
internal import Glibc
internal import XenRing

/// Frames with vnet headers, in batches, from and to a tap device or an interface of this host.
/// Nothing here blocks. A batch takes one system call. At a tap device it takes one for each frame where liburing is
/// missing or the kernel has no rings for that: to send before Linux 5.18, to take before 6.4.
@safe public final class FrameLink {
  /// Frames that `take` takes at most.
  public static let batch = 64
  /// Octets of the longest frame and its header.
  private static let stride = 65_536 + VnetHeader.octetCount

  private enum Way { case tap, interface }

  /// Readable while a frame is waiting; for a loop to wait on.
  public let descriptor: Int32
  private let way: Way
  // SAFETY: it is ours until `deinit` closes it, or a call that fails has, which leaves nil.
  private var ring: OpaquePointer?
  private var isBypassing = false
  private var room: [UInt8]
  private var lengths = [UInt32](repeating: 0, count: FrameLink.batch)

  /// Opens the tap device `name`, makes it when it is not there, and sets it up.
  ///
  /// - Parameters:
  ///   - name: the device's.
  ///   - hasQueues: whether it may have several queues (`multi_queue`). One that is there is to be so
  ///     already.
  public convenience init(tap name: String, hasQueues: Bool = false) throws(CaptureError) {
    // SAFETY: the call reads the name and does not keep it.
    let opened = unsafe linux_tap_open(name, hasQueues)
    guard opened != -EINVAL else { throw .otherDevice }
    try self.init(opened, .tap)
    try NetworkInterface.setUp(name)
  }

  /// Opens a further queue of a tap device that may have several. The kernel chooses among them by flow:
  /// what is answered goes where its flow came from last.
  public func openQueue() throws(CaptureError) -> FrameLink {
    try FrameLink(linux_tap_open_queue(descriptor), .tap)
  }

  /// Listens and sends on an interface, whatever addresses its frames have.
  public convenience init(interface name: String) throws(CaptureError) {
    // SAFETY: the call reads the name and does not keep it.
    try self.init(unsafe linux_frames_open(name), .interface)
  }

  private init(_ opened: Int32, _ way: Way) throws(CaptureError) {
    guard opened >= 0 else { throw NetworkInterface.error(-opened) }
    descriptor = opened
    self.way = way
    unsafe ring = way == .tap ? linux_uring_open(opened) : nil
    room = [UInt8](repeating: 0, count: Self.stride * Self.batch)
  }

  deinit {
    if let ring = unsafe ring { unsafe linux_uring_close(ring) }
    Glibc.close(descriptor)
  }

  /// Whether a batch that is sent takes one system call.
  public var isBatched: Bool { unsafe way == .interface || ring != nil }

  /// From now on each frame of a tap device takes a system call of its own.
  package func divide() {
    if let ring = unsafe ring { unsafe linux_uring_close(ring) }
    unsafe ring = nil
  }

  /// Says what frames may come out of a tap device with: checksums left blank, TCP still to be cut.
  /// An interface's frames come as they come.
  public func accept(checksum: Bool, tcpv4: Bool, tcpv6: Bool) throws(CaptureError) {
    guard way == .tap else { return }
    let code = linux_tap_offload(descriptor, checksum, tcpv4, tcpv6)
    guard code == 0 else { throw NetworkInterface.error(-code) }
  }

  /// Says whether a tap device stays when it is let go of.
  public func persist(_ stays: Bool) throws(CaptureError) {
    guard way == .tap else { return }
    let code = linux_tap_persist(descriptor, stays)
    guard code == 0 else { throw NetworkInterface.error(-code) }
  }

  /// Says whether a tap device has a carrier; when it is opened it has one.
  public func setCarrier(_ isThere: Bool) throws(CaptureError) {
    guard way == .tap else { return }
    let code = linux_tap_carrier(descriptor, isThere)
    guard code == 0 else { throw NetworkInterface.error(-code) }
  }

  /// Sends frames that lie in `octets`.
  ///
  /// - Parameters:
  ///   - headers: their vnet headers, one behind the other.
  ///   - bounds: where each begins and how long it is, in turn.
  ///   - octets: the frames.
  /// - Precondition: there are two bounds for each header, and all lie in `octets`.
  /// - Returns: how many were taken; the others are lost.
  public func send(headers: [UInt8], bounds: [UInt32], octets: RawSpan) -> Int {
    let count = bounds.count / 2
    precondition(headers.count == VnetHeader.octetCount * count && bounds.count == 2 * count)
    for frame in 0..<count {
      precondition(Int(bounds[2 * frame]) + Int(bounds[2 * frame + 1]) <= octets.byteCount)
    }
    chooseQueue(headers)
    // SAFETY: the three buffers live through the call, and all it reads of them was checked above.
    return unsafe headers.withUnsafeBufferPointer { headers in
      unsafe bounds.withUnsafeBufferPointer { bounds in
        unsafe octets.withUnsafeBytes { octets in
          guard let headers = headers.baseAddress, let bounds = bounds.baseAddress,
            let octets = unsafe octets.bindMemory(to: UInt8.self).baseAddress
          else { return 0 }
          var frames = unsafe linux_frames(
            headers: headers, bounds: bounds, octets: octets, count: UInt32(count))
          return unsafe Int(
            way == .tap
              ? linux_frames_write(descriptor, &ring, &frames)
              : linux_frames_send(descriptor, &frames))
        }
      }
    }
  }

  /// Sends past an interface's queues as long as nothing is to be cut: what an interface cannot cut
  /// itself is cut on the way through its queue only.
  private func chooseQueue(_ headers: [UInt8]) {
    guard way == .interface else { return }
    let isWhole = Swift.stride(from: 1, to: headers.count, by: VnetHeader.octetCount)
      .allSatisfy { headers[$0] == VnetHeader.Segments.none.rawValue }
    guard isWhole != isBypassing else { return }
    linux_frames_bypass(descriptor, isWhole)
    isBypassing = isWhole
  }

  /// Takes frames that wait, at most `limit` and at most a batch, and hands each to `body` without
  /// keeping it. Frames whose header is not understood or that were cut are passed over.
  ///
  /// - Returns: how many were taken, passed over ones too.
  public func take(
    _ limit: Int, _ body: (VnetHeader, RawSpan) -> Void
  ) throws(CaptureError) -> Int {
    let count = receive(UInt32(clamping: min(limit, Self.batch)))
    guard count >= 0 else { throw NetworkInterface.error(-count) }
    for place in 0..<Int(count) {
      let start = Self.stride * place
      let end = start + Int(lengths[place])
      guard lengths[place] > VnetHeader.octetCount, lengths[place] <= Self.stride else { continue }
      let octets = room.span.octets.extracting(start..<end)
      guard let header = VnetHeader(octets) else { continue }
      body(header, octets.extracting(VnetHeader.octetCount..<octets.byteCount))
    }
    return Int(count)
  }

  private func receive(_ limit: UInt32) -> Int32 {
    let (stride, descriptor, way) = (UInt32(Self.stride), descriptor, way)
    // SAFETY: there is room for a batch of frames of `stride` octets, and of lengths.
    return unsafe room.withUnsafeMutableBufferPointer { room in
      unsafe lengths.withUnsafeMutableBufferPointer { lengths in
        guard let room = room.baseAddress, let lengths = lengths.baseAddress else { return 0 }
        return unsafe way == .tap
          ? linux_frames_read(descriptor, &ring, room, stride, limit, lengths)
          : linux_frames_receive(descriptor, room, stride, limit, lengths)
      }
    }
  }
}
