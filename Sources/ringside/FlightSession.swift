internal import FoundationEssentials
internal import KernelTap
internal import Recorder
internal import TraceFormat
internal import XenInterface

/// Flight recorders beside the vifs of this host, as these come and go.
final class FlightSession {
  /// How each vif is recorded.
  struct Plan {
    var options: FlightOptions
    var folder: String
    var keptFiles: Int
    var snapLength: UInt32
    var bufferOctets: UInt32
    var measures: Bool
  }

  /// A vif that is recorded.
  private struct Flight {
    var recorder: FlightRecorder
    var folder: FlightFolder
    var kernel: KernelRecorder
    var meter: FlightMeter
  }

  private let plan: Plan
  private let stop: RecordingLimits
  private let output: OutputOptions
  private let capture: Capture
  private let selection: VifSelection
  private var flights: [FleetVif: Flight] = [:]
  private var ended = FlightAccount()
  private var firstFailure: CommandFailure?
  private var lastUnwritten: CommandFailure?
  private var load = ProcessMeter()
  private lazy var fleet = VifFleet { [unowned self] in
    selection.vifs
  } make: { [unowned self] in
    try begin($0)
  } tell: { [unowned self] in
    tell($0, $1)
  }

  init(
    _ plan: Plan, of vifs: [VifName], until stop: RecordingLimits, output: OutputOptions
  ) throws(CommandFailure) {
    self.plan = plan
    self.stop = stop
    self.output = output
    capture = Capture(path: plan.folder)
    selection = VifSelection(vifs)
    try WritableFolder.make(plan.folder, for: "files")
  }

  /// Records until a bound or a signal ends it. What cannot be recorded at the start ends it if nothing can.
  func run() throws(CommandFailure) {
    fleet.step(now: capture.elapsed)
    if fleet.vifs.isEmpty, let firstFailure { throw firstFailure }
    if fleet.vifs.isEmpty { Console.note("no vif is there to be recorded yet; waiting for one") }
    var shown = capture.elapsed
    let pause: UInt64 = plan.measures ? 10_000_000_000 : 1_000_000_000
    while !Interruption.isRequested, !isOver {
      // A wake costs as much as a hundred records; the buffer's room is for longer.
      Pause.milliseconds(10)
      let now = capture.elapsed
      if Interruption.takeInquiry() { for flight in flights.values { flight.recorder.request() } }
      fleet.step(now: now)
      guard shown.advanced(by: pause) <= now else { continue }
      shown = now
      if plan.measures { showStatistics() } else { showProgress() }
    }
    Console.endProgress()
    if plan.measures { showStatistics() }
    fleet.finish()
    showSummary()
    if let lastUnwritten { throw lastUnwritten }
  }

  private var account: FlightAccount {
    flights.values.reduce(into: ended) { $0 += $1.recorder.account }
  }

  private var isOver: Bool {
    if let most = plan.options.files, account.files >= UInt64(most) { return true }
    if let time = stop.nanoseconds, capture.elapsed.nanoseconds >= time { return true }
    return stop.packets.map { fleet.progress.packets >= $0 } ?? false
  }
}

// MARK: - Vifs

extension FlightSession {
  private func begin(_ vif: FleetVif) throws -> any FleetRecorder {
    let folder = try FlightFolder(plan.folder, keeping: plan.keptFiles, output: output)
    var options = plan.options
    // They are counted together.
    options.files = nil
    let recorder = FlightRecorder(options, into: folder, startingAt: capture.elapsed) {
      StandingRings($0)
    }
    let kernel = try KernelRecorder(
      domain: vif.domain, handle: vif.handle, describedBy: description(vif),
      options: options.recording(stop: RecordingLimits()).besideBackend, into: recorder,
      bufferOctets: plan.bufferOctets)
    if plan.measures, !kernel.measure() { Console.note("this kernel does not say what hooks cost") }
    flights[vif] = Flight(recorder: recorder, folder: folder, kernel: kernel, meter: FlightMeter())
    return kernel
  }

  private func description(_ vif: FleetVif) -> TapRecorder.Description {
    TapRecorder.Description(
      clock: .monotonic, wallTime: UInt64(Date().timeIntervalSince1970 * 1e9),
      snapLength: plan.snapLength, tool: "ringside \(ToolVersion.current)",
      options: "--vif \(vif.name) --flight")
  }

  private func tell(_ vif: FleetVif, _ news: FleetNews) {
    switch news {
    case .began:
      Console.note("recording \(vif.name) to \(plan.folder); Ctrl-C ends it")
      if let fault = flights[vif]?.kernel.controlFault {
        Console.note("\(vif.name): the control ring is not recorded: \(fault)")
      }
    case .ended(let report):
      forget(vif)
      Console.note("\(vif.name): no longer recorded, \(report.totals.lost) events lost")
    case .failed(let error):
      let failure = capture.failure(any: error)
      firstFailure = firstFailure ?? failure
      forget(vif)
      Console.note("\(vif.name): \(failure.message)")
    }
  }

  private func forget(_ vif: FleetVif) {
    guard let flight = flights.removeValue(forKey: vif) else { return }
    ended += flight.recorder.account
    lastUnwritten = flight.folder.lastFailure ?? lastUnwritten
  }
}

// MARK: - What it says

extension FlightSession {
  private func showProgress() {
    let progress = fleet.progress
    Console.progress(
      "\(fleet.vifs.count) vifs, \(progress.packets) packets, \(account.files) files, \(progress.lost) events lost"
    )
  }

  private func showStatistics() {
    let now = capture.elapsed
    for vif in fleet.vifs {
      guard let flight = flights[vif] else { continue }
      guard
        let statistics = flights[vif]?.meter.statistics(
          vif.name, flight.kernel, flight.recorder.account, memory: plan.options.memory, now: now)
      else { continue }
      output.tell(statistics.line)
      output.emit(statistics)
    }
    let statistics = load.statistics(now: now)
    output.tell(statistics.line)
    output.emit(statistics)
    try? Console.flush()
  }

  private func showSummary() {
    let summary = FlightSummary(folder: plan.folder, account, fleet.progress)
    summary.lines.forEach(output.tell)
    output.emit(summary)
  }
}
