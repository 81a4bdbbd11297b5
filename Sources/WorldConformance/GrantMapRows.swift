import XenInterface
import XenRing

extension LabRow {
  /// What mappings do and answer.
  public static var grantMaps: [LabRow] { plainMaps + refusedMaps + controlledGrants }

  private static var plainMaps: [LabRow] {
    [
      LabRow("a mapped page is the granted page") { world in
        let page = try world.sharePattern(1)
        let mapped = try world.map(page.grants, access: .readWrite)
        try expect(mapped.octets(), is: World.pattern(1))
        mapped.set([0xaa, 0xbb], page: 0, at: 4094)
        try expect(Array(page.octets()[4094...]), is: [0xaa, 0xbb])
      },
      LabRow("both ends see each other's ring words") { world in
        let page = try world.share()
        let mapped: SharedPage = try world.backend.grants.map(
          page.grants[0], of: world.frontend.domain, access: .readWrite)
        let ring = page.ringPage(0)
        mapped.storeReleasing(0x1234_5678, at: 8)
        ring.storeHalf(0x9abc, at: 14)
        try expect(ring.loadAcquiring(at: 8), is: 0x1234_5678)
        try expect(mapped.load(at: 12), is: 0x9abc_0000)
      },
      LabRow("pages mapped with one call keep their order") { world in
        let pages = try world.share(5)
        for index in 0..<5 {
          pages.set([UInt8(index + 1)], page: index, at: 0)
        }
        let order = [3, 0, 4, 1, 2]
        let mapped = try world.map(order.map { pages.grants[$0] }, access: .readOnly)
        try expect(mapped.count, is: 5)
        try expect((0..<5).map { mapped.octets(page: $0)[0] }, is: [4, 1, 5, 2, 3])
      },
      LabRow("a page of a mapping keeps all of it mapped") { world in
        let pages = try world.share(2)
        pages.set([7], page: 1, at: 0)
        let last = try world.map(pages.grants, access: .readOnly).page(1)
        try expect(last.load(at: 0), is: 7)
      },
      LabRow("a mapping outlives its grant") { world in
        var page: (any GrantedPages)? = try world.sharePattern(2)
        let grant = page?.grants ?? []
        let mapped = try world.map(grant, access: .readOnly)
        page = nil
        try expect(mapped.octets(), is: World.pattern(2))
      },
      LabRow("a mapped page can still be copied") { world in
        let page = try world.share()
        let mapped = try world.map(page.grants, access: .readOnly)
        try expect(world.statusOfCopyOut(page.grants[0]), is: .okay)
        try expect(world.statusOfCopyIn(page.grants[0]), is: .okay)
        try expect(mapped.octets()[0], is: World.pattern(9)[0])
      },
      LabRow("64 mappings for reading leave no room to read") { world in
        try expectLimit(
          world, .readOnly, { world.statusOfCopyOut($0) }, free: { world.statusOfCopyIn($0) })
      },
      LabRow("64 mappings for writing leave no room to write") { world in
        try expectLimit(
          world, .readWrite, { world.statusOfCopyIn($0) }, free: { world.statusOfCopyOut($0) })
      },
    ]
  }

  /// Expects the limit for mappings of one kind and for `full` copies, not for the `free` ones.
  private static func expectLimit(
    _ world: World, _ access: GrantAccess, _ full: (GrantReference) -> GrantStatus,
    free: (GrantReference) -> GrantStatus
  ) throws {
    let page = try world.share()
    let grant = page.grants[0]
    var mapped = try (0..<64).map { _ in try world.map(page.grants, access: access) }
    try expect(world.refusalOfMap(grant, access: access) != nil, "mapped 65 times")
    try expect(full(grant), is: .generalError, "copy")
    try expect(free(grant), is: .okay, "copy the other way")
    let other: GrantAccess = access == .readOnly ? .readWrite : .readOnly
    try expect(world.refusalOfMap(grant, access: other), is: nil, "map of the other kind")
    mapped.removeLast()
    try expect(full(grant), is: .okay, "copy after an unmap")
    try expect(world.refusalOfMap(grant, access: access), is: nil, "map after an unmap")
  }

  private static var refusedMaps: [LabRow] {
    [
      LabRow("a map of a reference past the table is refused") { world in
        try expect(world.refusalOfMap(.impossible), is: .refused(.badGrantReference))
      },
      LabRow("a map of a revoked reference is refused") { world in
        let grant = try world.share().grants[0]
        try expect(world.refusalOfMap(grant), is: .refused(.generalError))
      },
      LabRow("a map of another domain's page is refused") { world in
        let page = try world.frontend.allocator.share(1, with: .absent, access: .readWrite)
        try expect(world.refusalOfMap(page.grants[0]), is: .refused(.generalError))
      },
      LabRow("a map from a domain that is not there is refused") { world in
        do {
          _ = try world.map([GrantReference(rawValue: 8)], of: .absent)
          throw Unexpected(description: "mapped")
        } catch let error as GrantError { try expect(error, is: .refused(.badDomain)) }
      },
      LabRow("a read-only page is mapped for reading, not for writing") { world in
        let page = try world.share(access: .readOnly)
        try expect(world.refusalOfMap(page.grants[0], access: .readOnly), is: nil)
        try expect(world.refusalOfMap(page.grants[0]) != nil, "mapped for writing")
      },
      LabRow("a map with one bad reference maps nothing") { world in
        let pages = try world.share(2)
        let grants = [pages.grants[0], .impossible, pages.grants[1]]
        do {
          _ = try world.map(grants, access: .readOnly)
          throw Unexpected(description: "mapped")
        } catch let error as GrantError { try expect(error, is: .refused(.badGrantReference)) }
        // A pin left behind would count towards the limit.
        let mapped = try (0..<64).map { _ in
          try world.map(pages.grants, access: .readOnly)
        }
        try expect(mapped.count, is: 64)
      },
    ]
  }

  private static var controlledGrants: [LabRow] {
    [
      LabRow("a chosen reference is granted, once", needs: .grantTableControl) { world in
        guard let control = world.frontend.allocator as? any GrantTableControl else { return }
        let grant = GrantReference(rawValue: 1000)
        let page = try control.share(at: grant, with: world.backend.domain, access: .readWrite)
        try expect(page.grants, is: [grant])
        try expect(world.statusOfCopyOut(grant), is: .okay)
        do {
          _ = try control.share(at: grant, with: world.backend.domain, access: .readWrite)
          throw Unexpected(description: "granted twice")
        } catch let error as GrantError { try expect(error, is: .exhausted) }
      },
      LabRow("rights can be taken and given back", needs: .grantTableControl) { world in
        guard let control = world.frontend.allocator as? any GrantTableControl else { return }
        let page = try world.share()
        control.setAccess(.readOnly, of: page.grants[0])
        try expect(world.statusOfCopyIn(page.grants[0]), is: .generalError)
        try expect(world.statusOfCopyOut(page.grants[0]), is: .okay)
        control.setAccess(.readWrite, of: page.grants[0])
        try expect(world.statusOfCopyIn(page.grants[0]), is: .okay)
      },
      LabRow("one page of a share is revoked alone", needs: .grantTableControl) { world in
        guard let control = world.frontend.allocator as? any GrantTableControl else { return }
        let pages = try world.share(3)
        control.revoke(pages.grants[1])
        let statuses = pages.grants.map { world.statusOfCopyOut($0) }
        try expect(statuses, is: [.okay, .generalError, .okay])
      },
      LabRow("a revoked page that is mapped can still be read", needs: .grantTableControl) {
        world in
        guard let control = world.frontend.allocator as? any GrantTableControl else { return }
        let page = try world.share()
        var mapped: (any MappedPages)? = try world.map(page.grants, access: .readOnly)
        control.revoke(page.grants[0])
        try expect(world.statusOfCopyOut(page.grants[0]), is: .okay, "copy out while mapped")
        try expect(world.statusOfCopyIn(page.grants[0]), is: .generalError, "copy in")
        try expect(mapped?.count, is: 1)
        mapped = nil
        try expect(world.statusOfCopyOut(page.grants[0]), is: .generalError, "copy out after")
      },
    ]
  }
}
