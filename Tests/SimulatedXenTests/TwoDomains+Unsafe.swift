import SimulatedXen
import Testing
import XenInterface

/// Two domains on a machine of their own.
struct TwoDomains {
  let machine: SimulatedMachine
  let guest: DomainInterface
  let host: DomainInterface

  init(machine: SimulatedMachine, guest: DomainInterface, host: DomainInterface) {
    self.machine = machine
    self.guest = guest
    self.host = host
  }

  init(seed: UInt64 = 1, grantFrames: Int = SimulatedMachine.defaultGrantFrames) {
    machine = SimulatedMachine(seed: seed, grantFrames: grantFrames)
    guest = machine.connect(DomainID(rawValue: 1))
    host = machine.connect(.control)
  }

  /// One page of the guest's.
  func share() throws -> any GrantedPages {
    try guest.allocator.share(1, with: host.domain, access: .readWrite)
  }

  /// Statuses of a batch that copies the first octet of each page.
  func statuses(_ grants: [GrantReference]) -> [GrantStatus] {
    var copies = grants.map {
      GrantCopy(grant: $0, pageOffset: 0, length: 1, bufferOffset: 0)
    }
    var octets: [UInt8] = [0]
    var octetSpan = octets.mutableSpan
    // SAFETY: any octet is a whole value.
    var buffer = unsafe octetSpan.mutableBytes
    var span = copies.mutableSpan
    host.grants.copy(&span, from: guest.domain, into: &buffer)
    return copies.map(\.status)
  }

  /// Maps one page of the guest's.
  func map(_ page: any GrantedPages) throws(GrantError) -> any MappedPages {
    try host.grants.map(page.grants.span, of: guest.domain, access: .readOnly)
  }
}
