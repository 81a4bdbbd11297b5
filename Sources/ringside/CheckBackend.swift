internal import ArgumentParser
internal import HostCases
internal import Netback
internal import Netif
internal import RingCases
internal import XenHost

/// Which netback `ringside check` asks.
enum CheckBackend: String, ExpressibleByArgument, CaseIterable {
  /// Ours, in this process.
  case sim
  /// Ours, on real grants.
  case xen
  /// Linux's.
  case kernel
  /// Whichever takes a vif of this domain.
  case vif

  /// What is asked on this host's Xen; `nil` in the simulation.
  ///
  /// - Throws: when the netback that would answer is not the one that is meant.
  func host(_ profile: RuleProfile, _ live: LiveVifOptions) throws(CommandFailure) -> HostCheck? {
    guard self != .sim else { return nil }
    let check = HostCheck(self, profile, live)
    // Without a Xen this is the word, whatever is loaded.
    _ = try check.vif()
    if self == .xen, HostProbe.hasKernelBackend {
      throw CommandFailure(
        .refused, "the kernel's netback would take our vif; `rmmod xen-netback` ends that")
    }
    if self == .kernel, !HostProbe.hasKernelBackend {
      throw CommandFailure(.missing, "the kernel's netback is not loaded; `modprobe xen-netback`")
    }
    return check
  }
}

/// Cases put to a netback of this host, beside the model of the rules.
struct HostCheck {
  private let backend: CheckBackend
  private let profile: RuleProfile
  private let live: LiveVifOptions

  init(_ backend: CheckBackend, _ profile: RuleProfile, _ live: LiveVifOptions) {
    self.backend = backend
    self.profile = profile
    self.live = live
  }

  /// Cases, and what came of them.
  struct Answers<Asked: RingCase> {
    /// Those that were answered as the model says.
    var agreed = 0
    /// Those that ours refuses on purpose, and Linux does not.
    var stricter = 0
    /// Those that a vif which is not ours cannot be asked.
    var leftOut = 0
    /// The others, with what was answered, unless they could not be played to their end.
    var differing: [(asked: Asked, got: Asked.Answer?)] = []
  }

  /// Whether it knows this way in which data comes.
  func has(_ path: DataPath) -> Bool { backend == .xen || path == .copy }

  /// Whether it is asked about a ring: of a backend that nothing is known of, the TX ring's answers alone say
  /// what it does.
  func asks<Asked: RingCase>(_: Asked.Type) -> Bool { backend != .vif || Asked.self == TxCase.self }

  /// Whether a case can be put to it. Who is cut off from a vif that others have made stays so, with Linux.
  private func isPossible(_ asked: some RingCase) -> Bool {
    guard live.vif != nil, let asked = asked as? TxCase else { return true }
    return asked.rate == nil && !asked.modelled(by: profile).isDisabled
  }

  /// Puts cases to the netback, on a vif of their own.
  func answers<Asked: RingCase>(
    to cases: [Asked], by path: DataPath
  ) throws(CommandFailure) -> Answers<Asked> where Asked.Answer.Asked == Asked {
    var answers = Answers<Asked>()
    let possible = cases.filter(isPossible)
    answers.leftOut = cases.count - possible.count
    guard !possible.isEmpty else { return answers }
    let vif = try vif(path)
    do throws(CaseError) {
      let player = try Asked.Player(on: vif)
      for asked in possible { play(asked, player, vif, &answers) }
      try vif.finish()
    } catch { throw CommandFailure(.refused, "no vif to check with: \(error)") }
    return answers
  }

  private func play<Asked: RingCase>(
    _ asked: Asked, _ player: Asked.Player, _ vif: CaseVif, _ answers: inout Answers<Asked>
  ) where Asked.Answer.Asked == Asked {
    do throws(CaseError) {
      let got = try player.play(asked)
      if asked.isStricterHere, backend != .xen {
        answers.stricter += 1
      } else if agrees(got, asked, vif) {
        answers.agreed += 1
      } else {
        answers.differing.append((asked, got))
      }
    } catch {
      Console.note("\(asked.name): \(error)")
      answers.differing.append((asked, nil))
    }
  }

  private func agrees<Asked: RingCase>(
    _ got: Asked.Answer, _ asked: Asked, _ vif: CaseVif
  ) -> Bool where Asked.Answer.Asked == Asked {
    let wanted = asked.modelled(by: profile)
    guard backend == .vif, let got = got as? CaseAnswer, let wanted = wanted as? CaseAnswer,
      let asked = asked as? TxCase
    else { return got.differences(from: wanted, in: asked).isEmpty }
    let seen = got.bySlot(assuming: vif.backend.seesFrames ? nil : wanted.frames)
    return seen.differences(from: wanted.bySlot(), in: asked).isEmpty
  }

  func vif(_ path: DataPath = .copy) throws(CommandFailure) -> CaseVif {
    let host: HostCaseBackend = backend == .xen ? .swift : .kernel
    if backend == .vif { return try live.make() }
    do throws(HostCaseError) { return try host.makeVif(profile: profile, path: path) } catch {
      throw CommandFailure(error, named: nil)
    }
  }
}
