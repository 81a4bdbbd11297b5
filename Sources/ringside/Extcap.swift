internal import ArgumentParser
internal import CaptureFormat
internal import KernelTap
internal import Recorder
internal import TraceFiles
internal import TraceFormat
internal import XenInterface

/// `ringside extcap`: what Wireshark asks of a program that it captures with (extcap(4)). The words are
/// Wireshark's.
struct Extcap: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lets Wireshark capture a vif live.",
    discussion: """
      Wireshark calls it, through Wireshark/ringside-extcap in its folder for extcap programs.

      Example:
        ringside extcap --extcap-interfaces
        ringside extcap --capture --extcap-interface ringside-vif5.0 --fifo /tmp/fifo
      """
  )

  @Flag(help: "Name the interfaces.")
  var extcapInterfaces = false

  @Option(help: "Wireshark's version, which changes nothing.")
  var extcapVersion: String?

  @Option(help: "The interface that is meant.")
  var extcapInterface: ExtcapInterface?

  @Flag(help: "Name the link type of an interface.")
  var extcapDlts = false

  @Flag(help: "Name the options of an interface.")
  var extcapConfig = false

  @Flag(help: "Capture from an interface.")
  var capture = false

  @Option(help: "A filter of libpcap's. There is none here: one that is empty is taken.")
  var extcapCaptureFilter: String?

  @Option(help: "Where the capture goes.")
  var fifo: String?

  @Option(help: "Octets to keep of each packet's data; 0 keeps none.")
  var snaplen: UInt32 = 65_535

  @Option(help: "Of the simulation: what decides the traffic.")
  var seed: UInt64 = 1

  @Option(help: "Of the simulation: bursts of traffic in a second, 1 to 1000.")
  var bursts = 10

  func validate() throws {
    let deeds = [extcapInterfaces, extcapDlts, extcapConfig, capture].count { $0 }
    guard deeds == 1 else {
      throw ValidationError(
        "say what to do: --extcap-interfaces, --extcap-dlts, --extcap-config or --capture")
    }
    guard extcapInterfaces || extcapInterface != nil else {
      throw ValidationError("say --extcap-interface")
    }
    guard !capture || fifo != nil else { throw ValidationError("--capture takes --fifo") }
    guard 1...1000 ~= bursts else { throw ValidationError("--bursts is 1 to 1000") }
    guard extcapCaptureFilter ?? "" == "" else {
      throw ValidationError("capture filters are not known here; use a display filter")
    }
  }

  func run() throws {
    if extcapInterfaces { return listInterfaces() }
    guard let interface = extcapInterface else { return }
    if extcapDlts { return print("dlt {number=1}{name=EN10MB}{display=Ethernet}") }
    if extcapConfig { return interface.options.forEach { print($0) } }
    try capture(interface)
  }

  private func listInterfaces() {
    print("extcap {version=\(ToolVersion.current)}{display=Ringside}")
    ExtcapInterface.all.forEach { print($0.sentence) }
  }

  private func capture(_ interface: ExtcapInterface) throws(CommandFailure) {
    guard let fifo else { return }
    // Before Wireshark can ask for an end.
    Interruption.watch()
    let capture = Capture(path: fifo)
    let files: CaptureFiles
    do throws(TransferError) { files = CaptureFiles(try FileSink(path: fifo)) } catch {
      throw CommandFailure(.refused, "\(fifo): \(Console.errorText(error.code))")
    }
    switch interface {
    case .simulation: try simulate(capture, into: files)
    case .vif(let vif): try record(vif, capture, into: files)
    }
    do throws(TransferError) { try files.finish() } catch {
      throw CommandFailure(.refused, "\(fifo): \(Console.errorText(error.code))")
    }
  }

  /// A vif of this host. Nothing is said as long as all is well: Wireshark takes it for an error.
  private func record(
    _ vif: VifPlace, _ capture: Capture, into files: CaptureFiles
  ) throws(CommandFailure) {
    try vif.checkExistence()
    let description = TapRecorder.Description(beside: vif, snapLength: snaplen)
    let recorder = try capture.taking { () throws in
      try KernelRecorder(
        domain: vif.domain, handle: vif.handle, describedBy: description,
        options: RecordingOptions().besideBackend, into: files)
    }
    try capture.run(recorder.recording) { () throws(CommandFailure) in
      Pause.milliseconds(10)
      return try capture.taking { () throws in try recorder.step(now: capture.elapsed) }
    }
    _ = try capture.taking { () throws in try recorder.finish() }
  }

  /// A guest on the simulation whose clock goes as fast as ours.
  private func simulate(_ capture: Capture, into files: CaptureFiles) throws(CommandFailure) {
    let guest = try capture.simulating { () throws(SimulationError) in
      try SimulatedGuest(SimulatedGuest.Options(seed: seed, largestPayload: 9000))
    }
    let description = TapRecorder.Description(
      now: .simulated, snapLength: snaplen, options: "--simulate --seed \(seed)")
    let recorder = try capture.recording { () throws(RecorderError) in
      try TapRecorder([guest.device], describedBy: description, into: files, now: guest.now)
    }
    let start = guest.now
    try capture.simulating { () throws(SimulationError) in try guest.connect() }
    try capture.run(recorder.recording) { () throws(CommandFailure) in
      Pause.milliseconds(min(999, 1000 / bursts))
      let now = start.advanced(by: capture.elapsed.nanoseconds)
      try capture.simulating { () throws(SimulationError) in
        try guest.pass(until: now)
        try guest.step()
      }
      return recorder.recording.tick(now: guest.now)
    }
    _ = try capture.recording { () throws(RecorderError) in try recorder.finish() }
  }
}
