import Netback
import Netif
public import TraceFormat
import XenInterface
import XenRing

/// A scenario as a trace: what the guest did, and what the netback made of it, up to the first finding. Of a
/// vif's life it has the vif that lives, each of its connections and what came over its rings.
///
/// A limit that is set, which nobody on the rings saw, stands as a snapshot, from which a replay goes on.
public struct ScenarioRecording {
  /// What the netback did that it must not, if anything; the trace ends behind that step.
  public let failure: ScenarioFailure?

  /// Plays a scenario and writes the trace.
  ///
  /// - Parameters:
  ///   - scenario: what is played.
  ///   - way: how it is played; `lazy` as `map`, for who is watched maps at once.
  ///   - sink: where the trace goes.
  ///   - tool: what the trace says of its maker.
  public init(
    of scenario: Scenario, by way: ScenarioWay = ScenarioWay(), to sink: any ByteSink,
    tool: String = "ringside"
  ) throws(TraceWriteError) {
    try self.init(of: scenario, to: sink, tool: tool, ScenarioSeam(way))
  }

  /// The same, with a netback that has a fault.
  package init(
    of scenario: Scenario, to sink: any ByteSink, tool: String = "ringside", _ seam: ScenarioSeam
  ) throws(TraceWriteError) {
    var seam = seam
    seam.way = seam.way.watched
    let output: ScenarioOutput
    switch scenario.vif.stage {
    case .rings:
      let player = ScenarioPlayer(scenario.vif, seam)
      output = try ScenarioOutput(player.header(tool: tool), to: sink)
      failure = ScenarioWitness(of: player, output).play(scenario.steps)
    case .xenbus:
      let player = LifePlayer(scenario.vif, seam)
      output = try ScenarioOutput(player.header(tool: tool), to: sink)
      player.world.watch(with: output.tap())
      failure = player.failure(of: scenario)
      player.world.watch(with: nil)
    }
    try output.finish()
  }
}

/// Takes the events of a scenario into a trace, up to the first that cannot be written.
private final class ScenarioOutput: TraceReceiver {
  private var writer: TraceWriter?
  private var error: TraceWriteError?

  init(_ header: TraceHeader, to sink: any ByteSink) throws(TraceWriteError) {
    writer = try TraceWriter(header, to: sink)
  }

  func receive(_ event: TraceEvent, payload: RawSpan) {
    guard error == nil else { return }
    do throws(TraceWriteError) { try writer?.append(event, payload: payload) } catch {
      self.error = error
    }
  }

  /// Watches a vif, and tells what it sees.
  func tap() -> TraceTap<ScenarioOutput> {
    TraceTap(vif: 0, snapLength: Int(UInt16.max), receiver: self, now: PlayedVif.instant(0))
  }

  /// Writes the trace's end.
  func finish() throws(TraceWriteError) {
    if let error { throw error }
    _ = try writer.take()?.finish()
  }
}

/// Watches the netback that a scenario is played against.
private final class ScenarioWitness {
  private let player: ScenarioPlayer
  private let tap: TraceTap<ScenarioOutput>

  init(of player: ScenarioPlayer, _ output: ScenarioOutput) {
    self.player = player
    tap = output.tap()
    player.watch(with: tap)
  }

  /// Does all steps, up to the first finding.
  func play(_ steps: [ScenarioStep]) -> ScenarioFailure? {
    // The tap and the netback keep each other alive otherwise.
    defer { player.watch(with: nil) }
    for (place, step) in steps.enumerated() {
      do throws(ScenarioFinding) { try play(step) } catch {
        return ScenarioFailure(step: place, finding: error)
      }
    }
    return nil
  }

  /// Does a step, and says what no ring shows.
  private func play(_ step: ScenarioStep) throws(ScenarioFinding) {
    if case .rate = step { resume(player.snapshot(limitedBy: step)) }
    try player.play(step)
    if case .reconnect = step {
      tap.disconnected()
      emit(.connected(queues: UInt16(PlayedVif.queues)))
      resume(player.snapshot())
    }
  }

  /// Says how the vif stands, and which frames wait.
  private func resume(_ snapshot: VifSnapshot) {
    tap.advance(to: player.instant)
    let octets = snapshot.encoded()
    emit(.snapshot(length: UInt32(octets.count)), octets.span.octets)
    tap.forgetQueues()
    player.rx.queue.tellWaitingFrames(to: tap)
  }

  private func emit(_ body: TraceEvent.Body, _ payload: RawSpan = RawSpan()) {
    tap.receiver.receive(TraceEvent(time: tap.now, origin: .fetched, body), payload: payload)
  }
}
