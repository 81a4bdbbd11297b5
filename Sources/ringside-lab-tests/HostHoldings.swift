import BackendConformance
import FoundationEssentials
import XenHost
import XenInterface

/// Counts what this process has of Xen, and the open ports of the whole domain, the kernel's too.
struct HostHoldings {
  private let events: any EventChannels
  private let domain: DomainID

  init(_ loop: HostLoop) throws {
    let xen = try HostXen.connect(loop)
    events = xen.events
    domain = xen.domain
  }

  func now() throws -> Holdings {
    let maps = FileManager.default.contents(atPath: "/proc/self/maps") ?? Data()
    let lines = String(decoding: maps, as: UTF8.self).split(separator: "\n")
    return Holdings(
      grantedPages: Self.pages(of: "/dev/xen/gntalloc", in: lines),
      mappedPages: Self.pages(of: "/dev/xen/gntdev", in: lines), openPorts: try openPorts(),
      memory: Self.residentOctets)
  }

  private static var residentOctets: Int {
    let status = FileManager.default.contents(atPath: "/proc/self/status") ?? Data()
    let line = String(decoding: status, as: UTF8.self).split(separator: "\n").first {
      $0.hasPrefix("VmRSS:")
    }
    return line?.split(separator: " ").compactMap { Int($0) }.first.map { $0 * 1024 } ?? 0
  }

  private static func pages(of device: String, in lines: [Substring]) -> Int {
    lines.filter { $0.hasSuffix(device) }.reduce(0) { sum, line in
      let ends = line.prefix { $0 != " " }.split(separator: "-").compactMap { Int($0, radix: 16) }
      return ends.count == 2 ? sum + (ends[1] - ends[0]) / 4096 : sum
    }
  }

  /// Xen hands out the lowest free number, so what lies below new ports and is none of them is open.
  private func openPorts() throws -> Int {
    let probes = 128
    var ports: [EventChannelPort] = []
    defer { for port in ports { events.close(port) } }
    for _ in 0..<probes { ports.append(try events.allocate(for: domain)) }
    return Int(ports.map(\.rawValue).max() ?? 0) - probes
  }
}
