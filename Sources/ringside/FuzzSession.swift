/// Engines side by side, until all have ended, or one has found something, or somebody ends them.
struct FuzzSession {
  private let jobs: [FuzzJob]

  init(_ jobs: [FuzzJob]) { self.jobs = jobs }

  /// Looks after them, and says once a second how far they are.
  func watch() -> FuzzResult {
    let start = ContinuousClock.now
    var tick = 0
    while jobs.contains(where: \.isRunning) {
      Pause.milliseconds(100)
      tick += 1
      if Interruption.isRequested || jobs.contains(where: { !$0.isRunning }) {
        jobs.forEach { $0.end() }
      }
      if tick % 10 == 0 { Console.progress(FuzzResult(jobs, since: start).status) }
    }
    Console.endProgress()
    var result = FuzzResult(jobs, since: start)
    for job in jobs {
      if let finding = job.finding() {
        result.add(finding)
      } else if let lost = job.lost {
        result.lost.append(lost)
      }
    }
    // An engine that was ended says so by its code.
    if result.findings.isEmpty, !Interruption.isRequested {
      result.complaint = jobs.lazy.compactMap(\.complaint).first
    }
    return result
  }
}

/// What engines have done.
struct FuzzResult {
  private(set) var executions = 0
  private(set) var coverage = 0
  private(set) var inputs = 0
  /// Executions in a hundred that delivered something.
  private(set) var share = 0
  private(set) var rules = 0
  private(set) var allRules = 0
  private(set) var seconds: Double
  /// One for each signature.
  private(set) var findings: [FuzzFinding] = []
  /// Signatures of what engines could not save.
  var lost: [String] = []
  /// Why an engine ended, where that is neither its time nor a finding.
  var complaint: String?

  init(_ jobs: [FuzzJob], since start: ContinuousClock.Instant) {
    seconds = (ContinuousClock.now - start) / .seconds(1)
    for job in jobs.map(\.now) {
      executions += max(job.engine.executions, job.reach.executions)
      coverage = max(coverage, job.engine.coverage)
      inputs = max(inputs, job.engine.inputs)
      share = max(share, job.reach.share)
      rules = max(rules, job.reach.rules)
      allRules = max(allRules, job.reach.allRules)
    }
  }

  mutating func add(_ finding: FuzzFinding) {
    guard !findings.contains(where: { $0.signature == finding.signature }) else { return }
    findings.append(finding)
  }

  private var rate: Int { seconds > 0 ? Int(Double(executions) / seconds) : 0 }

  /// A line while they run.
  var status: String {
    "\(executions) executions, \(rate)/s, coverage \(coverage), corpus \(inputs), \(share) % deliver, "
      + "rules \(rules) of \(allRules)" + (findings.last.map { ", found: \($0.signature)" } ?? "")
  }

  /// A line at the end.
  func summary(of target: FuzzedPart) -> String {
    let reach =
      target.hasScenarios
      ? ", \(share) % deliver, rules \(rules) of \(allRules) from both sides" : ""
    return
      "\(target.rawValue): \(executions) executions in \(Int(seconds)) s, \(rate)/s, coverage \(coverage)"
      + "\(reach), \(findings.count) findings"
  }
}
