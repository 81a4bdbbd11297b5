internal import Fuzzer
internal import Glibc
internal import XenRing

/// One run of libFuzzer: plays inputs, changes them, and knows where it has been.
struct FuzzRun {
  /// Executions between two looks at the clock.
  private static let pace = 1 << 12

  private let options: FuzzOptions
  /// The input that is played, in the room of the one before.
  private var input: [UInt8] = []
  private var reach = ScenarioReach()
  private var executions = 0
  private var told = time(nil)

  init(_ options: FuzzOptions = FuzzOptions()) { self.options = options }

  mutating func play(_ octets: RawSpan) {
    executions += 1
    input.removeAll(keepingCapacity: true)
    input.append(octets: octets)
    switch options.target {
    case .trace, .text: TraceJob.run(input)
    case .replay: ReplayJob.run(input)
    case .scenario(let target):
      playScenario(target)
      tell(target)
    }
  }

  private mutating func tell(_ target: ScenarioTarget) {
    guard options.tells, executions % Self.pace == 0, time(nil) != told else { return }
    told = time(nil)
    sayProgress(target)
  }

  /// A finding ends the process, so that libFuzzer keeps the input.
  private mutating func playScenario(_ target: ScenarioTarget) {
    guard let failure = options.players.play(octets: input, &reach) else { return }
    sayProgress(target)
    Self.say("ringside-fuzz: finding at step \(failure.step): \(failure.finding)")
    Self.say("ringside-fuzz: signature: \(failure.finding.signature)")
    abort()
  }

  /// What must be true of a run that says that it was everywhere.
  mutating func end() -> Bool {
    guard case .scenario(let target) = options.target else { return true }
    sayProgress(target)
    guard let wanted = options.reach else { return true }
    let missing = reach.unseen(target).map(\.name)
    let isFar = reach.share >= wanted && missing.isEmpty
    if !isFar {
      Self.say(
        "ringside-fuzz: the run has not come far enough: \(reach.share) % deliver of \(wanted) % wanted"
          + (missing.isEmpty ? "" : ", not met from both sides: \(missing.joined(separator: ", "))")
      )
    }
    return isFar
  }

  private func sayProgress(_ target: ScenarioTarget) {
    let rules = ReachRule.of(target).count
    Self.say(
      "ringside-fuzz: executions \(executions), deliver \(reach.share) %, "
        + "rules \(rules - reach.unseen(target).count) of \(rules)")
  }
}

// MARK: - Changes

extension FuzzRun {
  /// Inputs in so many that are begun anew.
  private static let fresh: UInt64 = 64
  /// An honest packet of one slot.
  private static let packet = Scenario(
    ScenarioVif(),
    [
      .send(ScenarioSlot(.page(1), size: 60)), .publish(.tx, beyond: 0, tells: true),
    ]
  ).octets

  /// Changes an input; `plainly` is libFuzzer's own way.
  func mutate(_ input: [UInt8], seed: UInt64, plainly: ([UInt8]) -> [UInt8]) -> [UInt8] {
    guard case .scenario(let target) = options.target else {
      return mutateTrace(input, seed: seed, plainly: plainly)
    }
    if options.isStill { return Self.packet }
    var mutator = ScenarioMutator(target, seed: seed)
    if input.count < 8 || seed % Self.fresh == 0 { return mutator.fresh().octets }
    if seed % 4 == 1 { return target.claim(plainly(input)) }
    var scenario = Scenario(octets: input)
    mutator.mutate(&scenario)
    return scenario.octets
  }

  private func mutateTrace(
    _ input: [UInt8], seed: UInt64, plainly: ([UInt8]) -> [UInt8]
  ) -> [UInt8] {
    let isText = options.target == .text
    let isFresh = input.count < 64 || seed % 512 == 0
    var octets = isFresh ? fresh(seed, isText: isText) : plainly(input)
    TraceJob.repair(&octets, isText: isText)
    return octets
  }

  private func fresh(_ seed: UInt64, isText: Bool) -> [UInt8] {
    options.target == .replay
      ? RecordingSeeds.trace(seed) : TraceSeeds.trace(seed, isText: isText)
  }

  func cross(_ one: [UInt8], _ other: [UInt8], seed: UInt64) -> [UInt8] {
    guard case .scenario(let target) = options.target else { return [] }
    if options.isStill { return Self.packet }
    var mutator = ScenarioMutator(target, seed: seed)
    return mutator.cross(Scenario(octets: one), Scenario(octets: other)).octets
  }
}
