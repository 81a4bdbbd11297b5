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

  /// What is asked on this host's Xen; `nil` in the simulation.
  ///
  /// - Throws: when the netback that would answer is not the one that is meant.
  func host(_ profile: RuleProfile) throws(CommandFailure) -> HostCheck? {
    guard self != .sim else { return nil }
    let check = HostCheck(self == .xen ? .swift : .kernel, profile)
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
  private let backend: HostCaseBackend
  private let profile: RuleProfile

  init(_ backend: HostCaseBackend, _ profile: RuleProfile) {
    self.backend = backend
    self.profile = profile
  }

  /// Cases, and what came of them.
  struct Answers<Asked: RingCase> {
    /// Those that were answered as the model says.
    var agreed = 0
    /// Those that ours refuses on purpose, and Linux does not.
    var stricter = 0
    /// The others, with what was answered, unless they could not be played to their end.
    var differing: [(asked: Asked, got: Asked.Answer?)] = []
  }

  /// Whether it knows this way in which data comes.
  func has(_ path: DataPath) -> Bool { backend == .swift || path == .copy }

  /// Puts cases to the netback, on a vif of their own.
  func answers<Asked: RingCase>(
    to cases: [Asked], by path: DataPath
  ) throws(CommandFailure) -> Answers<Asked> where Asked.Answer.Asked == Asked {
    var answers = Answers<Asked>()
    guard !cases.isEmpty else { return answers }
    let vif = try vif(path)
    do throws(CaseError) {
      let player = try Asked.Player(on: vif)
      for asked in cases { play(asked, player, &answers) }
      try vif.finish()
    } catch { throw CommandFailure(.refused, "no vif to check with: \(error)") }
    return answers
  }

  private func play<Asked: RingCase>(
    _ asked: Asked, _ player: Asked.Player, _ answers: inout Answers<Asked>
  ) where Asked.Answer.Asked == Asked {
    do throws(CaseError) {
      let got = try player.play(asked)
      if asked.isStricterHere, backend == .kernel {
        answers.stricter += 1
      } else if got.differences(from: asked.modelled(by: profile), in: asked).isEmpty {
        answers.agreed += 1
      } else {
        answers.differing.append((asked, got))
      }
    } catch {
      Console.note("\(asked.name): \(error)")
      answers.differing.append((asked, nil))
    }
  }

  func vif(_ path: DataPath = .copy) throws(CommandFailure) -> CaseVif {
    do throws(HostCaseError) { return try backend.makeVif(profile: profile, path: path) } catch {
      throw CommandFailure(error, named: nil)
    }
  }
}
