internal import ArgumentParser
internal import Netfront
internal import Replayer
internal import SimulatedXen
internal import TraceFormat
internal import XenHost
internal import XenInterface

/// The name of a world to replay in.
enum WorldName: String, ExpressibleByArgument, CaseIterable {
  case sim, xen, vif

  /// Replays a trace in a world of its own; in front of a live backend as `live` says. `title` is what
  /// progress is told of.
  func replay(
    _ input: TraceInput, options: ReplayOptions, live: LiveOptions, pacer: Pacer?, title: String
  ) throws(CommandFailure) -> ReplayReport {
    let ticker = ProgressTicker(title)
    guard self != .vif else { return try live.replay(input, options, pacer, ticker) }
    let source = try input.binary()
    let world = try world()
    do throws(ReplayError) {
      return try Replayer(in: world, options: options).replay(source, pacer: pacer) {
        ticker.goesOn($0.report)
      }
    } catch { throw failure(error, of: input, source) }
  }

  /// Makes a world of its own for a trace.
  func world() throws(CommandFailure) -> ReplayWorld {
    switch self {
    case .sim: ReplayWorld(on: SimulatedMachine(seed: 1))
    case .xen, .vif: try Self.host()
    }
  }

  private static func host() throws(CommandFailure) -> ReplayWorld {
    let loop = HostLoop()
    do throws(HostError) {
      let backend = try HostXen.connect(loop)
      return ReplayWorld(backend: backend, guest: try HostXen.connect(loop))
    } catch { throw CommandFailure(error) }
  }

  /// The line and the exit code for a trace that cannot be replayed.
  func failure(
    _ error: ReplayError, of input: TraceInput, _ source: any ByteSource
  ) -> CommandFailure {
    switch error {
    case .trace(let error): input.failure(error, reading: source)
    case .grant(let error), .front(.grant(let error)):
      CommandFailure(
        .refused, "\(input.name): pages could not be granted or mapped: \(error.words)")
    case .front(let error):
      CommandFailure(.refused, "\(input.name): no event channel for the guest: \(error)")
    case .badSnapshot(let vif): input.failure(badSnapshot: vif)
    case .noState(let number):
      CommandFailure(
        .badInput,
        "\(input.name): no vif's state is known at event \(number), events are missing before; judge from a later place"
      )
    case .placeBehindEnd(let events):
      CommandFailure(
        .badInput, "\(input.name): the place to judge from is not in it; it has \(events) events")
    case .emptyRange:
      CommandFailure(.badInput, "\(input.name): --to stands before --from, or at it")
    case .otherClock:
      CommandFailure(
        .badInput, "\(input.name): not of the clock of the traces before it; --together start fits")
    case .noQueue(let queue):
      CommandFailure(.badInput, "\(input.name): there is no \(queue.words)")
    }
  }
}

extension TraceInput {
  /// The line for a vif's state that makes no sense.
  func failure(badSnapshot vif: Int) -> CommandFailure {
    CommandFailure(.badInput, "\(name): the state of vif \(vif) is one that no backend was ever in")
  }
}

extension CommandFailure {
  /// A host without what it takes, or that does not let us.
  init(_ error: HostError) {
    self.init(error.isAbsence ? .missing : .refused, error.words)
  }
}

extension HostError {
  /// What is wrong and what to do.
  fileprivate var words: String {
    switch self {
    case .unavailable(let device, let code):
      "\(device): \(Console.errorText(code)); `ringside doctor` says what this machine has"
    case .unknownDomain: "the store does not say which domain this is"
    }
  }
}

extension GrantError {
  /// What is wrong.
  var words: String {
    switch self {
    case .refused(let status): "Xen answered \(status.rawValue)"
    case .system(let code): Console.errorText(code)
    case .exhausted: "no page is left; see the limits in `ringside doctor`"
    }
  }
}
