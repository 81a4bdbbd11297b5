internal import ArgumentParser
internal import Netback
internal import Server
internal import XenInterface

/// `ringside serve`: the Swift netback as the backend of real guests.
struct Serve: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serves the vifs of this host, in the place of the kernel's netback.",
    discussion: """
      Example:
        ringside serve
        ringside serve --interface eth1 --stats 10
        ringside serve --workers 4
        ringside serve --switch --vif vif5.0 --vif vif6.0

      Ctrl-C closes the vifs; SIGUSR1 prints statistics. After a crash or kill -9 start it again: \
      it takes the connected vifs over, and their guests notice nothing but a pause.
      """
  )

  @Option(
    help: ArgumentHelp(
      "Give each vif a tap device of this name: %d is the domain, %h the handle; this is the default.",
      valueName: "name"))
  var tap: String?

  @Option(
    help: ArgumentHelp(
      "Connect all vifs to this interface of the host and to each other.", valueName: "name"))
  var interface: String?

  @Flag(name: .customLong("switch"), help: "Connect all vifs to each other, and to nothing else.")
  var isSwitch = false

  @Option(
    help: ArgumentHelp(
      "Write what the guests send into savefiles of this name, with %d and %h as in --tap.",
      valueName: "file"))
  var savefile: String?

  @Option(help: "Serve this vif only: vif5.0 is domain 5, handle 0. May be given again.")
  var vif: [VifPlace] = []

  @Option(help: "Come at the guests' data this way: \(PathName.words).")
  var path = PathName.copy

  @Option(help: "Queues that a guest may have, 1 to 64.")
  var queues: UInt32 = 8

  @Option(help: "Threads that serve the queues, 1 to 64; several with --tap or --savefile only.")
  var workers = 1

  @Flag(help: "Connect without waiting for the toolstack's hotplug script.")
  var withoutScript = false

  @Option(
    help: ArgumentHelp("Print statistics at this interval, too.", valueName: "seconds"))
  var stats: UInt32?

  @Option(
    help: ArgumentHelp(
      "Record each vif into a trace of this name, with %d and %h as in --tap.", valueName: "file"))
  var record: String?

  @Flag(help: "At the end leave the vifs connected, for the next ringside serve to take over.")
  var handOver = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    let ways = [tap != nil, interface != nil, isSwitch, savefile != nil].count { $0 }
    guard ways <= 1 else {
      throw ValidationError("say one of --tap, --interface, --switch and --savefile")
    }
    guard 1...64 ~= queues else { throw ValidationError("--queues is 1 to 64") }
    guard 1...64 ~= workers else { throw ValidationError("--workers is 1 to 64") }
    guard workers == 1 || interface == nil && !isSwitch else {
      throw ValidationError(
        "--workers goes with --tap or --savefile: all vifs of a switch are served by one")
    }
    guard workers == 1 || record == nil else {
      throw ValidationError("--workers does not go with --record: a trace has one order of events")
    }
    guard stats != 0 else { throw ValidationError("--stats is a number of seconds from 1 on") }
  }

  func run() throws {
    let session = try ServeSession(
      network, path: path.path, workers: workers,
      offer: VifOffer(maximumQueues: queues, waitsForHotplug: !withoutScript),
      only: vif.isEmpty ? nil : Set(vif),
      output: output)
    if let record { session.record(into: record) }
    session.run(statisticsEvery: stats)
    session.end(handingOver: handOver)
  }

  private var network: ServeSession.Network {
    if let interface { return .interface(interface) }
    if isSwitch { return .vifs }
    if let savefile { return .savefiles(savefile) }
    return .taps(tap ?? TapPorts.defaultPattern)
  }
}
