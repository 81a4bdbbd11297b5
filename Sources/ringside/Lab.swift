internal import ArgumentParser

/// `ringside lab`: a verb on a real Xen, which an emulator boots with the kernel that is named.
struct Lab: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Boots a kernel on a real Xen in an emulator, and runs a verb there.",
    discussion: """
      Behind -- stands the verb: \(LabTask.verbs). check is put to the kernel's netback there, and replay \
      goes to ours on real grants, unless --on says otherwise; record finds vif0.0, with traffic. The exit \
      code is the verb's, and 1 also where the kernel complained. What the verb prints arrives when it has ended.

      No Xen and no hardware virtualisation is needed, but Debian 12, QEMU, cpio and kmod. Each kernel's machine \
      is kept and boots at once the next time. Documentation/Lab.md has more.

      Example:
        ringside lab -- check tx/page-crossing
        ringside lab --deb linux-image-6.12.117+deb12-amd64.deb -- check
        ringside lab --replace drivers/net/xen-netback/xen-netback.ko -- check tx/slot-limit
        ringside lab --kernel arch/x86/boot/bzImage --modules /tmp/modules -- check --json
        ringside lab -- record --vif vif0.0 -w lab.ringtrace -a duration:10
        ringside lab -- replay lab.ringtrace
      """
  )

  @Option(
    name: .customLong("deb"),
    help: ArgumentHelp(
      "Boot the kernel of this Debian package; again for one whose modules are in another.",
      valueName: "package"))
  var packages: [String] = []

  @Option(
    help: ArgumentHelp("Boot this kernel, arch/x86/boot/bzImage of a build.", valueName: "file"))
  var kernel: String?

  @Option(
    help: ArgumentHelp(
      "With --kernel: the folder that `make modules_install INSTALL_MOD_PATH=folder` filled.",
      valueName: "folder"))
  var modules: String?

  @Option(
    name: .customLong("replace"),
    help: ArgumentHelp(
      "Load this module in the place of the kernel's own of that name, such as a patched xen-netback.ko.",
      valueName: "module"))
  var replacements: [String] = []

  @Option(
    help: ArgumentHelp(
      "End the machine after this time, a number and s, m or h; an hour unless it is said.",
      valueName: "time"))
  var timeLimit: FuzzDuration?

  @Option(help: ArgumentHelp("MiB of the machine's memory, 1280 or more.", valueName: "size"))
  var memory: Int?

  @Option(
    help: ArgumentHelp(
      "Keep the kernel's log and the machine's console in this folder.", valueName: "folder"))
  var logs: String?

  @Option(
    help: ArgumentHelp(
      "Where the lab's scripts are, if not beside this program or above it; also RINGSIDE_LAB.",
      valueName: "folder"))
  var lab: String?

  @Argument(parsing: .postTerminator, help: "The verb and its words, behind --.")
  var words: [String] = []

  func validate() throws {
    guard !words.isEmpty else {
      throw ValidationError("Say what to run, behind --: \(LabTask.verbs).")
    }
    guard packages.isEmpty || kernel == nil else {
      throw ValidationError("Either --deb or --kernel: a package has a kernel and its modules.")
    }
    guard (kernel == nil) == (modules == nil) else {
      throw ValidationError("--kernel and --modules go together.")
    }
    guard memory.map({ 1280...1_000_000 ~= $0 }) ?? true else {
      throw ValidationError("--memory takes 1280 or more.")
    }
  }

  func run() throws {
    let task = try LabTask(words)
    let folder = try LabFolder(lab)
    if let logs { try WritableFolder.make(logs, for: "logs") }
    Interruption.watch()
    try LabRun(of: task, in: folder, options).run(logs: logs)
  }

  /// The same for Lab/run.
  private var options: [String] {
    var options = ["--no-install", "--time-limit", "\(timeLimit?.seconds ?? 3600)"]
    options += packages.flatMap { ["--deb", $0] }
    if let kernel { options += ["--kernel", kernel] }
    if let modules { options += ["--modules", modules] }
    options += replacements.flatMap { ["--replace", $0] }
    if let memory { options += ["--memory", "\(memory)"] }
    return options
  }
}
