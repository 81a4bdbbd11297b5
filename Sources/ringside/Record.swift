internal import ArgumentParser
internal import FoundationEssentials
internal import Netif
internal import Recorder
internal import TraceFormat
internal import XenInterface

/// `ringside record`: from a live backend, or from a guest on the simulation, to a trace.
struct Record: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Records a vif's rings, grants and frames into a trace.",
    discussion: """
      Example:
        ringside record --vif vif5.0 -w vif5.0.ringtrace -a duration:60
        ringside record --all --flight 64M --trigger fatal,error -w /var/tmp/flight
        ringside record --simulate -w guest.ringtrace -c 1000
      """
  )

  @Option(
    help: ArgumentHelp(
      "Record this vif of the running kernel's netback: vif5.0 is domain 5, handle 0.",
      discussion: "With --flight it may stand several times, for several vifs.",
      valueName: "vif"))
  var vif: [VifPlace] = []

  @Flag(help: "With --flight: record all vifs of the kernel's netback, as they come and go.")
  var all = false

  @Flag(help: "Record a guest on the simulation; the same seed gives the same trace.")
  var simulate = false

  @Option(
    name: .customShort("w"),
    help: ArgumentHelp(
      "The trace to write, or - for standard output; with --flight the folder for files, this one if not said.",
      valueName: "file"))
  var path: String?

  @OptionGroup var bounds: CaptureBounds

  @OptionGroup var flight: FlightArguments

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

  @Option(
    help: ArgumentHelp(
      "With --simulate: after so many packets the guest sends one across the end of its page, and is cut off. Ten seconds later the recording ends.",
      valueName: "count"))
  var hostileAfter: UInt64?

  @Flag(help: "With --simulate: durations, and the flush once a second, go by the real clock.")
  var realTime = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard [simulate, !vif.isEmpty, all].count(where: { $0 }) == 1 else {
      throw ValidationError("say what to record: either --vif, --simulate or, with --flight, --all")
    }
    guard flight.isWanted || !all && vif.count <= 1 else {
      throw ValidationError("several vifs at once go with --flight")
    }
    guard 1...1024 ~= bufferSize, bufferSize.nonzeroBitCount == 1 else {
      throw ValidationError("-B is a power of two, 1 to 1024")
    }
    guard 1...8 ~= queues else { throw ValidationError("--queues is 1 to 8") }
    try bounds.check(isFlight: flight.isWanted)
    guard let path else {
      guard flight.isWanted else { throw ValidationError("say with -w where the trace goes") }
      return
    }
    guard path != "-" || !output.isJSON else {
      throw ValidationError("-w - and --json both want standard output")
    }
    guard !flight.isWanted || path != "-" && !path.hasSuffix(".ringtrace") else {
      throw ValidationError("with --flight, -w names a folder: each trigger makes a file in it")
    }
  }

  func run() throws {
    // Before there is a file that a signal could leave without its end.
    Interruption.watch()
    if all, HostProbe.file(HostVifs.bus) != .present { throw HostVifs.noBus }
    for vif in vif { try vif.checkExistence() }
    guard let options = flight.options(files: bounds.mostFiles) else { return try recordFile() }
    if options.triggers.signal { Interruption.watchInquiries() }
    if simulate { try simulateFlight(options) } else { try recordFlights(options) }
  }
}

extension Record {
  /// Records into a file or a ring of files.
  private func recordFile() throws(CommandFailure) {
    let capture = Capture(path: path ?? "-")
    let files = PathFiles(capture.path, isRing: bounds.options.newFile != nil)
    let report = try record(capture, bounds.options, into: files)
    let summary = CaptureSummary(file: capture.name, report)
    summary.lines.forEach(path == "-" ? Console.note : output.tell)
    output.emit(summary)
  }

  /// Records vifs of this host into memory, and from there into files around triggers.
  private func recordFlights(_ options: FlightOptions) throws(CommandFailure) {
    let plan = FlightSession.Plan(
      options: options, folder: path ?? ".", keptFiles: keptFiles, snapLength: snapLength,
      bufferOctets: bufferSize << 20, measures: flight.stats)
    try FlightSession(plan, of: vif, until: bounds.options.stop, output: output).run()
  }

  /// The same with a simulated guest.
  private func simulateFlight(_ options: FlightOptions) throws(CommandFailure) {
    let folder = try FlightFolder(path ?? ".", keeping: keptFiles, output: output)
    let recorder = FlightRecorder(options, into: folder) { StandingRings($0) }
    var capture = Capture(path: path ?? ".")
    capture.onInquiry = { recorder.request() }
    let recording = options.recording(stop: bounds.options.stop)
    let report = try simulate(capture, recording, into: recorder)
    let summary = FlightSummary(folder: capture.path, recorder.account, report.totals)
    summary.lines.forEach(output.tell)
    output.emit(summary)
    if let failure = folder.lastFailure { throw failure }
  }

  private var keptFiles: Int { bounds.keptFiles ?? FlightArguments.usualFiles }

  private func record(
    _ capture: Capture, _ recording: RecordingOptions, into files: any RecordingFiles
  ) throws(CommandFailure) -> RecorderReport {
    guard let vif = vif.first else { return try simulate(capture, recording, into: files) }
    return try capture.record(
      vif, TapRecorder.Description(beside: vif, snapLength: snapLength), recording.besideBackend,
      into: files, bufferOctets: bufferSize << 20)
  }

  private func simulate(
    _ capture: Capture, _ recording: RecordingOptions, into files: any RecordingFiles
  ) throws(CommandFailure) -> RecorderReport {
    let options = SimulatedGuest.Options(seed: seed, queues: queues, profile: profile.profile)
    let description = TapRecorder.Description(
      clock: .simulated, snapLength: snapLength, tool: "ringside \(ToolVersion.current)",
      options: "--simulate --seed \(seed)")
    return try capture.record(
      options, description, realTime ? recording.besideBackend : recording, into: files,
      hostileAfter: hostileAfter, isRealTime: realTime)
  }
}

/// The name of a rule profile.
enum ProfileName: String, ExpressibleByArgument, CaseIterable {
  case linux, netif

  var profile: RuleProfile { self == .linux ? .linux : .netif }
}
