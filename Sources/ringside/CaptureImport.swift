internal import Netfront
internal import PacketCapture
internal import Recorder
internal import TraceFormat
internal import XenInterface
internal import XenRing

/// Makes a trace of a capture: a guest on the simulation sends and gets its frames, at its times.
struct CaptureImport {
  /// Octets of a packet on a ring: an Ethernet header at least, and what its first slot can say at most.
  private static let lengths = 14...Int(UInt16.max)
  /// Nanoseconds between two frames at most; a longer pause is cut.
  private static let longestPause: UInt64 = 3_600_000_000_000
  /// From the trace's begin to the first frame.
  private static let lead: UInt64 = 1_000_000_000

  private let path: String
  private let address: [UInt8]?
  private let reader: SavefileReader
  private let capture: Capture
  private let guest: SimulatedGuest
  private var time: MonotonicInstant
  private var lastSeen: UInt64 = 0
  /// Frames that were taken.
  private(set) var frames = 0
  /// Those that the guest sent.
  private(set) var sent = 0
  /// Those of which the capture has not all octets.
  private(set) var cut = 0
  /// Whether the capture ends inside a frame.
  private(set) var isTruncated = false

  /// Opens a capture.
  ///
  /// - Parameter address: whose frames the guest sends; all others are for it. Nil: it sends all.
  init(_ path: String, guest address: GuestAddress?, on vif: VifPlace) throws(CommandFailure) {
    self.path = path
    self.address = address?.octets
    capture = Capture(path: path)
    do throws(CaptureError) { reader = try SavefileReader(path: path) } catch {
      throw error.failure(path)
    }
    let options = SimulatedGuest.Options(
      vif: VifPath(frontendDomain: vif.domain, handle: vif.handle),
      mac: (address ?? .usual).text)
    guest = try capture.simulating { () throws(SimulationError) in try SimulatedGuest(options) }
    time = guest.now.advanced(by: Self.lead)
  }

  /// Makes the trace.
  mutating func trace() throws(CommandFailure) -> [UInt8] {
    guard let first = try nextFrame() else {
      throw CommandFailure(.badInput, "\(path): a capture without frames")
    }
    let (guest, files, description) = (guest, MemoryFiles(), description(first))
    let recorder = try capture.recording { () throws(RecorderError) in
      try TapRecorder([guest.device], describedBy: description, into: files, now: guest.now)
    }
    try capture.simulating { () throws(SimulationError) in try guest.connect() }
    lastSeen = first.nanoseconds
    try play(first)
    while let frame = try nextFrame() { try play(frame) }
    try capture.simulating { () throws(SimulationError) in try guest.close() }
    _ = try capture.recording { () throws(RecorderError) in try recorder.finish() }
    return files.contents.first?.octets ?? []
  }

  private func description(_ first: CapturedFrame) -> TapRecorder.Description {
    TapRecorder.Description(
      clock: .simulated, wallTime: first.nanoseconds - min(first.nanoseconds, Self.lead),
      tool: "ringside \(ToolVersion.current)", options: "frames of \(path)")
  }

  private mutating func nextFrame() throws(CommandFailure) -> CapturedFrame? {
    do throws(CaptureError) { return try reader.nextFrame() } catch {
      guard error == .truncated else { throw error.failure(path) }
      guard frames > 0 else {
        throw CommandFailure(
          .badInput,
          "\(path): no frame can be read: it is cut, or its interfaces have different link types; "
            + "tshark -r FILE -Y eth -F pcap -w FRAMES takes the frames out")
      }
      isTruncated = true
      return nil
    }
  }

  private mutating func play(_ frame: CapturedFrame) throws(CommandFailure) {
    frames += 1
    let octets = try octets(of: frame)
    let pause = frame.nanoseconds - min(frame.nanoseconds, lastSeen)
    lastSeen = max(lastSeen, frame.nanoseconds)
    time = time.advanced(by: min(pause, Self.longestPause))
    let isOwn = address.map { Array(octets[6..<12]) == $0 } ?? true
    let (guest, time) = (guest, time)
    let isTaken = try capture.simulating { () throws(SimulationError) in
      try guest.pass(until: time)
      guard isOwn else { return try guest.deliver(octets.span.octets) }
      try guest.send(octets.span.octets)
      return true
    }
    guard isTaken else { throw failure("the guest has no room for it") }
    if isOwn { sent += 1 }
  }

  /// All octets of a frame; those that the capture has not are zero.
  private mutating func octets(of frame: CapturedFrame) throws(CommandFailure) -> [UInt8] {
    let length = max(frame.originalLength, frame.octets.count)
    guard length >= Self.lengths.lowerBound else {
      throw failure("\(length) octets; a packet on a ring has 14 at least")
    }
    guard length <= Self.lengths.upperBound else {
      throw failure(
        "\(length) octets; a packet on a ring has 65535 at most: cut it with editcap -L -s 65535")
    }
    if length > frame.octets.count { cut += 1 }
    return frame.octets + [UInt8](repeating: 0, count: length - frame.octets.count)
  }

  private func failure(_ words: String) -> CommandFailure {
    CommandFailure(.badInput, "\(path): frame \(frames) has \(words)")
  }
}

extension CaptureError {
  /// The line and the exit code for a capture that cannot be read.
  fileprivate func failure(_ path: String) -> CommandFailure {
    let status: ExitStatus =
      switch self {
      case .libraryMissing: .missing
      case .notSavefile, .truncated: .badInput
      default: .refused
      }
    return CommandFailure(status, "\(path): \(words)")
  }
}
