internal import ArgumentParser
internal import TraceFiles
internal import TraceFormat
internal import XenInterface

/// How a capture, pcap or pcapng, becomes a trace.
struct CaptureOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Of a capture: the guest sends the frames of this Ethernet address, and gets all others.",
      valueName: "mac"))
  var guest: GuestAddress?

  @Option(help: "Of a capture: the vif that the trace is of.")
  var vif = VifPlace(domain: DomainID(rawValue: 1), handle: VifHandle(rawValue: 0))

  func validate() throws {
    guard vif.domain != .control else {
      throw ValidationError("--vif: a guest's domain is 1 or more")
    }
  }

  /// The trace of a capture; what is no capture, and what cannot be read twice, stays as it is.
  func taken(_ input: TraceInput) throws(CommandFailure) -> TraceInput {
    guard case .file(let path) = input, try input.isCapture else { return input }
    var capture = try CaptureImport(path, guest: guest, on: vif)
    let trace = try capture.trace()
    Console.note(
      "\(path): a capture; the guest sends \(capture.sent) of \(capture.frames) frames, the others are for it"
    )
    if capture.cut > 0 {
      Console.note("\(path): \(capture.cut) frames are cut; what is missing of them is zeros")
    }
    if capture.isTruncated {
      Console.note("ringside: \(path): truncated; the frames before are good")
    }
    return .made(of: path, trace)
  }
}

extension TraceInput {
  /// Whether it begins as a capture does. A pipe is not looked at.
  fileprivate var isCapture: Bool {
    get throws(CommandFailure) {
      let source = try open()
      guard source.length != nil else { return false }
      do throws(TransferError) {
        return try PeekedSource(source, count: 4).isCapture
      } catch { throw failure(.transfer(error)) }
    }
  }
}

extension PeekedSource {
  /// Whether it begins as a savefile of libpcap's does, of either order of octets, or as pcapng.
  var isCapture: Bool {
    let marks: [[UInt8]] = [
      [0xd4, 0xc3, 0xb2, 0xa1], [0xa1, 0xb2, 0xc3, 0xd4], [0x4d, 0x3c, 0xb2, 0xa1],
      [0xa1, 0xb2, 0x3c, 0x4d], [0x0a, 0x0d, 0x0d, 0x0a],
    ]
    return marks.contains { start.starts(with: $0) }
  }
}
