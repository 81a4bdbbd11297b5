internal import KernelTap
internal import XenInterface

/// What this machine has of what Ringside can use.
struct MachineFacts {
  /// One thing that is there or not.
  struct Fact: Encodable {
    /// What it is.
    var name: String
    /// Whether it can be used.
    var isUsable: Bool
    /// Why not, or how much of it.
    var detail: String
    /// What it is good for.
    var purpose: String

    enum CodingKeys: String, CodingKey {
      case name, detail, purpose
      case isUsable = "usable"
    }
  }

  /// All of them, in the order they are shown.
  var all: [Fact] {
    mutating get {
      grantDevices + store + [backendBus] + kernelTap + [attachment] + frames + limits + lab
    }
  }

  /// Any of these two will do, the first where xenstored runs in this domain.
  let store = [
    file("/run/xenstored/socket", for: "the store", writing: true),
    file("/dev/xen/xenbus", for: "the store, where its socket is not", writing: true),
  ]
  let grantDevices = [
    Fact(
      name: "libxen", isUsable: true, detail: ToolVersion.xen,
      purpose: "grants, events"),
    file("/dev/xen/gntdev", for: "mapping and copying granted pages", writing: true),
    file("/dev/xen/gntalloc", for: "granting pages", writing: true),
    file("/dev/xen/evtchn", for: "event channels", writing: true),
  ]
  let backendBus = file(HostVifs.bus, for: "vifs of this host")
  let kernelTap = [
    library(.bpf),
    file("/sys/module/xen_netback", for: "the kernel's backend; modprobe xen-netback loads it"),
    file("/sys/kernel/btf/vmlinux", for: "layouts of the kernel's data"),
    file("/sys/kernel/btf/xen_netback", for: "layouts of the backend's data"),
  ]
  /// Whether the tap attaches: the last word on it, and a second's work.
  lazy var attachment = attached()
  let frames = [
    library(.pcap),
    right("CAP_NET_RAW", 13, for: "frames from and to interfaces"),
    file("/dev/net/tun", for: "a tap device for each vif; modprobe tun loads it", writing: true),
    library(.uring),
  ]
  let limits = [
    limit("/sys/module/xen_gntalloc/parameters/limit", for: "pages all programs may grant"),
    limit("/sys/module/xen_gntdev/parameters/limit", for: "pages one mapping may have"),
  ]
  let lab = labFacts

  private static func file(_ path: String, for purpose: String, writing: Bool = false) -> Fact {
    let answer = HostProbe.file(path, writing: writing)
    return Fact(name: path, isUsable: answer == .present, detail: words(answer), purpose: purpose)
  }

  private static func library(_ library: RuntimeLibrary) -> Fact {
    let isFound = HostProbe.library(library.name) == .present
    let detail = isFound ? "found" : "not found; Debian's package is \(library.package)"
    return Fact(name: library.name, isUsable: isFound, detail: detail, purpose: library.purpose)
  }

  private static func right(_ name: String, _ capability: Int, for purpose: String) -> Fact {
    let held = HostProbe.holds(capability: capability)
    return Fact(
      name: name, isUsable: held, detail: held ? "held" : "not held; run as root",
      purpose: purpose)
  }

  private static func limit(_ path: String, for purpose: String) -> Fact {
    let value = HostProbe.firstLine(path)
    return Fact(
      name: path, isUsable: value != nil, detail: value ?? "not there", purpose: purpose)
  }

  /// Attaches the tap to a vif that no host has, to see whether the kernel lets it.
  private func attached() -> Fact {
    var detail = "attached and detached"
    var isUsable = true
    do throws(KernelTapError) {
      _ = try KernelTap(
        domain: DomainID(rawValue: 0x7FEF), handle: VifHandle(rawValue: .max), snapLength: 0)
    } catch {
      detail = error.description
      isUsable = false
    }
    return Fact(name: "the kernel tap", isUsable: isUsable, detail: detail, purpose: "recording")
  }

  private static func words(_ answer: HostProbe.Answer) -> String {
    switch answer {
    case .present: "there"
    case .missing: "not there"
    case .refused(let reason): reason
    }
  }
}
