import Foundation
import PacketCapture
import Testing

/// A file of our own that is removed at the end.
private final class ScratchFile {
  let path = FileManager.default.temporaryDirectory
    .appendingPathComponent("ringside-\(UUID().uuidString).pcap").path
  deinit { try? FileManager.default.removeItem(atPath: path) }
}

private func frames(of path: String) throws -> [CapturedFrame] {
  let reader = try SavefileReader(path: path)
  var frames: [CapturedFrame] = []
  while let frame = try reader.nextFrame() { frames.append(frame) }
  return frames
}

@Suite struct `A savefile` {
  private let written = (0..<50).map { index in
    CapturedFrame(
      octets: (0..<14 + index * 37).map { UInt8(truncatingIfNeeded: $0 &* index) },
      nanoseconds: 1_700_000_000_123_456_789 + UInt64(index))
  }

  @Test func `gives back what was written, to the nanosecond`() throws {
    let file = ScratchFile()
    let writer = try SavefileWriter(path: file.path)
    for frame in written { writer.write(frame) }
    try writer.flush()
    #expect(try frames(of: file.path) == written)
  }

  @Test func `that is cut gives what stands before the cut, then says so`() throws {
    let file = ScratchFile()
    let writer = try SavefileWriter(path: file.path)
    for frame in written { writer.write(frame) }
    try writer.flush()
    let whole = try Data(contentsOf: URL(fileURLWithPath: file.path))
    try whole.dropLast(10).write(to: URL(fileURLWithPath: file.path))
    let reader = try SavefileReader(path: file.path)
    for frame in written.dropLast() { #expect(try reader.nextFrame() == frame) }
    #expect(throws: CaptureError.truncated) { _ = try reader.nextFrame() }
  }

  @Test func `that is something else is refused`() throws {
    let file = ScratchFile()
    try Data("no savefile".utf8).write(to: URL(fileURLWithPath: file.path))
    #expect(throws: CaptureError.notSavefile) { _ = try SavefileReader(path: file.path) }
    #expect(throws: CaptureError.notSavefile) { _ = try SavefileReader(path: file.path + "x") }
  }
}

@Test func `an interface that is not there is refused`() {
  let error = #expect(throws: CaptureError.self) {
    _ = try FrameCapture(interface: "ringside-none")
  }
  #expect(error == .noInterface || error == .permissionDenied)
}
