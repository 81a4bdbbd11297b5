import Foundation

/// One `dpdk-testpmd`, driven by what a person would type.
final class TestPmd {
  private static let prompt = "testpmd> "
  /// Seconds within which it answers.
  private static let patience = 60.0

  private let process = Process()
  private let (input, output) = (Pipe(), Pipe())

  /// Starts it on two processors, of which it forwards on the one that is not `main`.
  init(cores: GuestThread.Cores, main: Int32, prefix: String, device: String) throws {
    // It does not flush what it says into a pipe.
    process.executableURL = URL(filePath: "/usr/bin/stdbuf")
    process.arguments = [
      "-oL", "dpdk-testpmd", "-l", "\(cores.backend),\(cores.guest)", "--main-lcore", "\(main)",
      "--in-memory",
      "--single-file-segments", "--no-pci", "-m", "256", "--file-prefix", prefix, "--vdev", device,
      "--", "-i", "--nb-cores=1", "--total-num-mbufs=8192",
    ]
    process.standardInput = input
    process.standardOutput = output
    process.standardError = output
    do { try process.run() } catch { throw PeerFault.absent("dpdk-testpmd") }
    _ = try answer(to: "")
  }

  deinit {
    guard process.isRunning else { return }
    if (try? tell("quit")) == nil || !hasEnded { process.terminate() }
    process.waitUntilExit()
  }

  /// Types a line, and returns what it says to it.
  @discardableResult func tell(_ line: String) throws -> String {
    try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
    return line == "quit" ? "" : try answer(to: line + "\r\n")
  }

  /// What its port counted, since it began, and the rates since this was asked last.
  func counts() throws -> PortCounts { try PortCounts(tell("show port stats all")) }

  private var hasEnded: Bool {
    let deadline = Date(timeIntervalSinceNow: 5)
    while process.isRunning, Date() < deadline { usleep(10_000) }
    return !process.isRunning
  }

  /// All up to the prompt behind the echo of what was typed; a peer's coming and going may be told around it.
  private func answer(to echo: String) throws -> String {
    let deadline = Date(timeIntervalSinceNow: Self.patience)
    var octets = Data()
    while true {
      let text = String(decoding: octets, as: UTF8.self)
      let begin = echo.isEmpty ? text.startIndex : text.range(of: echo)?.upperBound
      if let begin, text[begin...].contains(Self.prompt) { return text }
      guard Readiness.isReadable(output.fileHandleForReading, within: deadline) else {
        throw PeerFault.silent("dpdk-testpmd does not answer")
      }
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { throw PeerFault.silent(lastWords(octets)) }
      octets += more
    }
  }

  private func lastWords(_ octets: Data) -> String {
    let lines = String(decoding: octets, as: UTF8.self).split(separator: "\n")
    return "dpdk-testpmd ended: \(lines.last ?? "without a word")"
  }
}

/// What `show port stats all` says of a port.
struct PortCounts {
  private(set) var packets: UInt64 = 0
  private(set) var octets: UInt64 = 0
  /// Those that it could not take.
  private(set) var lost: UInt64 = 0
  /// Packets a second that came in since it was asked last.
  private(set) var rate: UInt64 = 0

  init(_ text: String) throws {
    func number(_ pattern: Regex<(Substring, Substring)>) throws -> UInt64 {
      guard let found = text.firstMatch(of: pattern)?.1, let number = UInt64(found) else {
        throw PeerFault.silent("dpdk-testpmd does not say what it counted")
      }
      return number
    }
    packets = try number(#/RX-packets:\s*(\d+)/#)
    octets = try number(#/RX-bytes:\s*(\d+)/#)
    lost =
      try number(#/RX-missed:\s*(\d+)/#) + number(#/RX-errors:\s*(\d+)/#)
      + number(#/RX-nombuf:\s*(\d+)/#)
    rate = try number(#/Rx-pps:\s*(\d+)/#)
  }
}
