internal import ArgumentParser
internal import Netif
internal import Recorder
internal import TraceFormat

/// `ringside record`: from a live backend, or from a guest on the simulation, to a trace.
struct Record: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Records a vif's rings, grants and frames into a trace.",
    discussion: """
      Example:
        ringside record --vif vif5.0 -w vif5.0.ringtrace -a duration:60
        ringside record --simulate -w guest.ringtrace -c 1000
      """
  )

  @Option(
    help: ArgumentHelp(
      "Record this vif of the running kernel's netback.", valueName: "vifDOMAIN.HANDLE"))
  var vif: String?

  @Flag(help: "Record a guest on the simulation; the same seed gives the same trace.")
  var simulate = false

  @Option(
    name: .customShort("w"),
    help: ArgumentHelp("The trace to write, or - for standard output.", valueName: "file"))
  var path: String

  @OptionGroup var bounds: CaptureBounds

  @Option(
    name: .customShort("s"),
    help: ArgumentHelp("Octets to keep of each packet's data; 0 keeps none.", valueName: "snaplen"))
  var snapLength: UInt32 = 65_535

  @Option(help: "With --simulate: what decides the traffic.")
  var seed: UInt64 = 1

  @Option(help: "With --simulate: queues of the vif, 1 to 8.")
  var queues = 1

  @Option(help: "With --simulate: the backend's rules, linux or netif.")
  var profile = ProfileName.linux

  @Flag(help: "With --simulate: durations, and the flush once a second, go by the real clock.")
  var realTime = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard simulate != (vif != nil) else {
      throw ValidationError("say what to record: --vif or --simulate")
    }
    if let vif, VifName(vif) == nil {
      throw ValidationError("\(vif) is no vif's name: vif5.0 is domain 5, device 0")
    }
    guard 1...8 ~= queues else { throw ValidationError("--queues is 1 to 8") }
    guard path != "-" || !output.isJSON else {
      throw ValidationError("-w - and --json both want standard output")
    }
  }

  func run() throws {
    let files = CaptureFiles(path, isNumbered: !bounds.next.isEmpty)
    let report = try vif.map { try recordKernel($0, files) } ?? recordSimulated(files)
    let summary = CaptureSummary(file: files.name, report)
    summary.lines.forEach(path == "-" ? Console.note : output.tell)
    output.emit(summary)
  }

  private func recordKernel(_ name: String, _ files: CaptureFiles) throws -> RecorderReport {
    guard let vif = VifName(name) else { throw ValidationError("\(name) is no vif's name") }
    return try Capture(files: files).record(
      vif, named: name, description(.monotonic, "--vif \(name)"), bounds.options)
  }

  private func recordSimulated(_ files: CaptureFiles) throws -> RecorderReport {
    let options = SimulatedGuest.Options(seed: seed, queues: queues, profile: profile.profile)
    return try Capture(files: files).record(
      options, description(.simulated, "--simulate --seed \(seed)"), bounds.options,
      isRealTime: realTime)
  }

  private func description(
    _ clock: TraceHeader.Clock, _ options: String
  ) -> TapRecorder.Description {
    TapRecorder.Description(
      clock: clock, snapLength: snapLength, tool: "ringside \(ToolVersion.current)",
      options: options)
  }
}

/// The name of a rule profile.
enum ProfileName: String, ExpressibleByArgument, CaseIterable {
  case linux, netif

  var profile: RuleProfile { self == .linux ? .linux : .netif }
}
