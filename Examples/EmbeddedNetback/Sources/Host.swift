import Netback
import Netfront
import XenHost
import XenInterface

/// Serves a vif of this host for a minute, in the place of the kernel's netback.
func serve(_ vif: VifPath) throws {
  let loop = HostLoop()
  let xen = try HostXen.connect(loop)
  let server = try EchoServer(vif, xen: xen)
  loop.add(server)
  print("serving domain \(vif.frontendDomain.rawValue)")
  _ = loop.run(until: loop.now.advanced(by: 60_000_000_000)) { server.device.state == .closed }
  try server.device.close()
}
