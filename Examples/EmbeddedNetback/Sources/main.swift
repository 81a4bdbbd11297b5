import Glibc
import Netfront
import XenHost
import XenInterface

let domain = CommandLine.arguments.dropFirst().first.flatMap { UInt16($0) }
let vif = VifPath(
  frontendDomain: DomainID(rawValue: domain ?? 1), handle: VifHandle(rawValue: 0))
do {
  if domain == nil { try simulate(vif) } else { try serve(vif) }
} catch let error as HostError where error.isAbsence {
  print("no Xen here: \(error)")
  exit(3)
} catch {
  print("cannot serve: \(error)")
  exit(1)
}
