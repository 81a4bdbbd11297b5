internal import XenInterface
internal import XenRing

/// What a simulated domain grants; it may also do what only a guest's kernel can.
final class SimulatedGrantAllocator: GrantTableControl {
  private let table: GrantTable
  private let pool: PagePool

  init(table: GrantTable, pool: PagePool) {
    self.table = table
    self.pool = pool
  }

  func share(
    _ count: Int, with domain: DomainID, access: GrantAccess
  ) throws(GrantError) -> any GrantedPages {
    try share(count, at: nil, with: domain, access: access)
  }

  func share(
    at grant: GrantReference, with domain: DomainID, access: GrantAccess
  ) throws(GrantError) -> any GrantedPages {
    try share(1, at: grant, with: domain, access: access)
  }

  func setAccess(_ access: GrantAccess, of grant: GrantReference) {
    table.setAccess(access, of: grant)
  }

  func revoke(_ grant: GrantReference) { table.revoke(grant) }

  private func share(
    _ count: Int, at grant: GrantReference?, with domain: DomainID, access: GrantAccess
  ) throws(GrantError) -> any GrantedPages {
    let frames = (0..<count).map { _ in pool.take() }
    let made = try table.share(frames, at: grant, with: domain, access: access)
    return SimulatedGrant(of: table, frames: frames, grants: made.grants, share: made.share)
  }
}

/// Pages that a simulated domain shares.
final class SimulatedGrant: GrantedPages {
  private let table: GrantTable
  private let frames: [Frame]
  private let share: UInt64
  let grants: [GrantReference]

  init(of table: GrantTable, frames: [Frame], grants: [GrantReference], share: UInt64) {
    self.table = table
    self.frames = frames
    self.grants = grants
    self.share = share
  }

  deinit { for grant in grants { table.revoke(grant, of: share) } }

  func setOctets(_ octets: RawSpan, page index: Int, at offset: Int) {
    frames[index].memory.setOctets(octets, at: offset)
  }

  func copyOctets(page index: Int, at offset: Int, into target: inout MutableRawSpan) {
    frames[index].memory.copyOctets(at: offset, into: &target)
  }

  func ringPage(_ index: Int) -> SharedPage { frames[index].view(heldBy: self) }
}
