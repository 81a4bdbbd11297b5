internal import ArgumentParser
internal import FoundationEssentials
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

  @Option(help: "Record this vif of the running kernel's netback: vif5.0 is domain 5, handle 0.")
  var vif: VifName?

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

  @Option(
    name: .customShort("B"),
    help: ArgumentHelp(
      "With --vif: MiB of the kernel's buffer for what is seen, a power of two up to 1024.",
      valueName: "size"))
  var bufferSize: UInt32 = 16

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
    guard simulate == (vif == nil) else {
      throw ValidationError("say what to record: either --vif or --simulate")
    }
    guard 1...1024 ~= bufferSize, bufferSize.nonzeroBitCount == 1 else {
      throw ValidationError("-B is a power of two, 1 to 1024")
    }
    guard 1...8 ~= queues else { throw ValidationError("--queues is 1 to 8") }
    guard path != "-" || !output.isJSON else {
      throw ValidationError("-w - and --json both want standard output")
    }
  }

  func run() throws {
    // Before there is a file that a signal could leave without its end.
    Interruption.watch()
    let capture = Capture(path: path)
    let report = try record(capture)
    let summary = CaptureSummary(file: capture.name, report)
    summary.lines.forEach(path == "-" ? Console.note : output.tell)
    output.emit(summary)
  }
}

extension Record {
  private func record(_ capture: Capture) throws -> RecorderReport {
    if let vif {
      let description = TapRecorder.Description(
        clock: .monotonic, wallTime: UInt64(Date().timeIntervalSince1970 * 1e9),
        snapLength: snapLength, tool: "ringside \(ToolVersion.current)",
        options: "--vif \(vif.name)")
      return try capture.record(
        vif, description, bounds.options.besideBackend, bufferOctets: bufferSize << 20)
    }
    let options = SimulatedGuest.Options(seed: seed, queues: queues, profile: profile.profile)
    let description = TapRecorder.Description(
      clock: .simulated, snapLength: snapLength, tool: "ringside \(ToolVersion.current)",
      options: "--simulate --seed \(seed)")
    return try capture.record(
      options, description, realTime ? bounds.options.besideBackend : bounds.options,
      isRealTime: realTime)
  }
}

/// The name of a rule profile.
enum ProfileName: String, ExpressibleByArgument, CaseIterable {
  case linux, netif

  var profile: RuleProfile { self == .linux ? .linux : .netif }
}
