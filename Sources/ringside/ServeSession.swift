internal import FoundationEssentials
internal import Netback
internal import PacketCapture
internal import Server
internal import XenHost
internal import XenInterface

/// A server on this host's Xen, what it says, and what it is asked.
final class ServeSession {
  /// Where the frames of the vifs go.
  enum Network {
    case taps(String)
    case interface(String)
    case vifs
    case savefiles(String)
  }

  private let loop = HostLoop()
  private let threads: WorkerThreads?
  private let server: VifServer
  private let output: OutputOptions
  private var recorders: VifRecorders?

  init(
    _ network: Network, path: DataPath, workers: Int, offer: VifOffer, only: Set<VifPlace>?,
    output: OutputOptions
  ) throws(CommandFailure) {
    self.output = output
    let xen: DomainInterface
    do throws(HostError) {
      xen = try HostXen.connect(loop)
      threads = workers > 1 && path.suitsGroups ? try WorkerThreads(count: workers) : nil
    } catch {
      throw CommandFailure(error)
    }
    guard !HostProbe.hasKernelBackend else {
      throw CommandFailure(
        .refused, "the kernel's netback serves the vifs of this host; `rmmod xen-netback` ends that"
      )
    }
    if workers > 1, threads == nil {
      Console.note("--path \(path.rawValue) is served by one thread, whatever --workers says")
    }
    let ports = try network.makePorts(loop, threads)
    do throws(StoreError) {
      server = try VifServer(
        xen: xen, offer: offer, path: path, ports: ports, only: only,
        pool: threads?.pool)
    } catch { throw CommandFailure(.refused, "the store refused a watch: \(error)") }
    server.onNews = { [unowned self] in tell($0, $1) }
    server.onChange = { [unowned self] in
      if $1 { recorders?.begin($0, now: loop.now) } else { recorders?.end($0) }
    }
    loop.add(server)
  }

  /// Records every vif from its beginning; `pattern` names the traces.
  func record(into pattern: String) { recorders = VifRecorders(pattern) }

  /// Serves until somebody asks for an end.
  func run(statisticsEvery seconds: UInt32?) {
    Interruption.watch()
    Interruption.watchInquiries()
    Console.note("serving; Ctrl-C ends it")
    let interval = seconds.map { UInt64($0) * 1_000_000_000 }
    var next = interval.map { loop.now.advanced(by: $0) }
    while !Interruption.isRequested {
      // A signal may come just before the wait, so no wait is long.
      let pause = loop.now.advanced(by: 200_000_000)
      _ = loop.run(until: min(next ?? pause, pause)) { Interruption.isPending }
      recorders?.tick(now: loop.now)
      if Interruption.takeInquiry() { showStatistics() }
      if let due = next, let interval, due <= loop.now {
        showStatistics()
        next = due.advanced(by: interval)
      }
    }
  }

  /// Ends with a last word on every vif.
  func end(handingOver: Bool) {
    showStatistics()
    if handingOver {
      // A successor finds every ring between two polls.
      threads?.end()
      server.handOver()
    } else {
      server.end()
      threads?.end()
    }
  }

  private func showStatistics() {
    for vif in server.vifs {
      let statistics = ServeStatistics(vif)
      output.tell(statistics.line)
      output.emit(statistics)
    }
    for (number, load) in (threads?.pool.loads ?? []).enumerated() {
      let statistics = WorkerStatistics(number + 1, load)
      output.tell(statistics.line)
      output.emit(statistics)
    }
    flush()
  }

  private func tell(_ place: VifPlace, _ news: VifNews) {
    output.tell("\(place): \(news.words(for: place))")
    output.emit(ServeEvent(place, news))
    flush()
  }

  /// Whoever reads a pipe or a log hears it when it happens.
  private func flush() { try? Console.flush() }
}

extension ServeSession.Network {
  private static let tapDriver = "/dev/net/tun"

  fileprivate func makePorts(
    _ loop: HostLoop, _ threads: WorkerThreads?
  ) throws(CommandFailure) -> any PortMaker {
    switch self {
    case .taps(let pattern):
      guard HostProbe.file(Self.tapDriver) != .missing else {
        throw CommandFailure(.missing, "\(Self.tapDriver) is not there; `modprobe tun` brings it")
      }
      return TapPorts(pattern, loop: loop, threads: threads)
    case .interface(let name):
      do throws(CaptureError) {
        return SwitchPorts(uplink: HostPort(try FrameLink(interface: name), loop: loop))
      } catch {
        throw CommandFailure(.refused, "\(name): \(error.words)")
      }
    case .vifs: return SwitchPorts()
    case .savefiles(let pattern):
      guard HostProbe.library(RuntimeLibrary.pcap.name) == .present else {
        throw CommandFailure(.missing, RuntimeLibrary.pcap.absence)
      }
      return SavefilePorts(pattern) { UInt64(Date().timeIntervalSince1970 * 1e9) }
    }
  }
}
