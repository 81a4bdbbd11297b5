internal import FoundationEssentials

/// The vifs that this domain is the backend of, as the kernel's xenbus shows them.
enum HostVifs {
  /// Where the kernel lists devices of frontends it serves.
  static let bus = "/sys/bus/xen-backend/devices"

  /// What is said where there is no such bus.
  static let noBus = CommandFailure(
    .missing, "\(bus) is not there: run this on a Xen host, in the domain of the backends")

  /// A vif and how it stands.
  struct Entry: Encodable {
    var name: String
    var queues: Int
    var state: String
    var isRecordable: Bool
    var reason: String

    enum CodingKeys: String, CodingKey {
      case name, queues, state, reason
      case isRecordable = "recordable"
    }
  }

  /// All vifs, by domain and handle.
  static func all(_ facts: MachineFacts) throws(CommandFailure) -> [Entry] {
    guard let devices = names(in: bus) else {
      throw noBus
    }
    let missing = facts.kernelTap.filter { !$0.isUsable }.map(\.name)
    return devices.compactMap(numbers).sorted { $0.lexicographicallyPrecedes($1) }
      .map { entry(domain: $0[0], handle: $0[1], missing: missing) }
  }

  /// The vifs that the kernel's netback serves now.
  static var served: [VifName] {
    (names(in: bus) ?? []).compactMap(numbers).sorted { $0.lexicographicallyPrecedes($1) }
      .compactMap {
        let isKernels = HostProbe.file("\(bus)/vif-\($0[0])-\($0[1])/driver") == .present
        return isKernels ? VifName(argument: "vif\($0[0]).\($0[1])") : nil
      }
  }

  /// The domain and the handle of `vif-5-0`.
  private static func numbers(_ device: String) -> [UInt32]? {
    let parts = device.split(separator: "-")
    guard parts.count == 3, parts[0] == "vif" else { return nil }
    let numbers = parts.dropFirst().compactMap { UInt32($0) }
    return numbers.count == 2 ? numbers : nil
  }

  private static func entry(domain: UInt32, handle: UInt32, missing: [String]) -> Entry {
    let device = "\(bus)/vif-\(domain)-\(handle)"
    let name = "vif\(domain).\(handle)"
    let queues = names(in: "/sys/class/net/\(name)/queues") ?? []
    let isKernels = HostProbe.file(device + "/driver") == .present
    let reason =
      isKernels
      ? (missing.isEmpty ? "yes" : "no: \(missing.joined(separator: ", "))")
      : "no: not served by the kernel's netback"
    return Entry(
      name: name, queues: queues.count { $0.hasPrefix("tx-") },
      state: HostProbe.firstLine(device + "/state") ?? "unknown",
      isRecordable: isKernels && missing.isEmpty, reason: reason)
  }

  private static func names(in folder: String) -> [String]? {
    try? FileManager.default.contentsOfDirectory(atPath: folder)
  }
}
