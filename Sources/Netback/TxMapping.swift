public import XenInterface
public import XenRing

/// The pages of one frame behind what was copied of it. They are mapped with one call, at once or when
/// somebody first asks for their octets, and unmapped when the frame is released, whoever still
/// names them.
public final class TxMapping {
  fileprivate enum State {
    case untouched
    case mapped(any MappedPages)
    /// What Xen said of each page.
    case failed([GrantStatus])
    case released
  }

  /// What there is to know of the pages, changed as one.
  fileprivate struct Content {
    var head = RingIndex(rawValue: 0)
    var domain = DomainID.control
    var grants: [GrantReference] = []
    var device: (any GrantDevice)?
    var state = State.released
    /// Whether somebody has asked for octets of the pages. Who only looks on does not count.
    var isTouched = false
  }

  private var content = Content()

  /// Stands for no frame until it begins.
  init() {}

  /// Stands for the pages of another frame from now on, those of `maps`, and maps them unless that waits
  /// until somebody asks for their octets.
  ///
  /// - Precondition: it is released, and nobody else names it.
  /// - Returns: what Xen said of each page when not all could be mapped; `nil` otherwise.
  func begin(
    head: RingIndex, _ maps: ArraySlice<GrantMap>, as wish: TxBatch.MapWish
  ) -> [GrantStatus]? {
    content.begin(head: head, maps, as: wish)
    if !wish.isLazy { _ = content.map() }
    return content.failures
  }

  /// Index of the first slot of the frame's packet.
  public var head: RingIndex { content.head }
  /// Whose pages they are.
  public var domain: DomainID { content.domain }
  /// The pages, in the frame's order.
  public var grants: [GrantReference] { content.grants }

  /// A number for the first page; those behind it have the next ones. They say which unmap ends which
  /// map, as Xen's handles do, which the system keeps to itself. Heads of frames that are mapped
  /// at the same time are less than a ring apart.
  public var firstHandle: UInt32 { head.rawValue &* 32 }

  /// Whether the pages are mapped now.
  var isMapped: Bool { if case .mapped = content.state { true } else { false } }
  /// What Xen said of each page when not all could be mapped; `nil` otherwise.
  var failures: [GrantStatus]? { content.failures }

  /// The pages, for somebody who asks for their octets.
  func touch() -> (any MappedPages)? {
    guard let pages = content.map() else { return nil }
    content.isTouched = true
    return pages
  }

  /// The pages, which are mapped now if they were not; `nil` when that fails or the frame was
  /// released. What failed is not tried again.
  func map() -> (any MappedPages)? { content.map() }

  /// What became of pages that are released.
  enum Ending {
    /// So many were mapped, and somebody asked for their octets or nobody.
    case unmapped(pages: Int, isTouched: Bool)
    /// They could not be mapped when somebody asked for them.
    case failed
    /// Nobody asked for them.
    case untouched
  }

  /// Unmaps the pages. What failed stays known until another frame begins.
  func release() -> Ending { content.release() }
}

extension TxMapping.Content {
  fileprivate var failures: [GrantStatus]? {
    if case .failed(let statuses) = state { statuses } else { nil }
  }

  fileprivate mutating func begin(
    head: RingIndex, _ maps: ArraySlice<GrantMap>, as wish: TxBatch.MapWish
  ) {
    self.head = head
    domain = wish.domain
    if device !== wish.device { device = wish.device }
    grants.removeAll(keepingCapacity: true)
    for map in maps { grants.append(map.grant) }
    state = .untouched
    isTouched = false
  }

  fileprivate mutating func map() -> (any MappedPages)? {
    switch state {
    case .mapped(let pages): return pages
    case .failed, .released: return nil
    case .untouched: break
    }
    guard let device else { return nil }
    do throws(GrantError) {
      let pages = try device.map(grants.span, of: domain, access: .readOnly)
      state = .mapped(pages)
      return pages
    } catch {
      state = .failed(statuses(together: error.status, device))
      return nil
    }
  }

  fileprivate mutating func release() -> TxMapping.Ending {
    switch state {
    case .failed: return .failed
    case .untouched, .released:
      state = .released
      return .untouched
    case .mapped:
      state = .released
      return .unmapped(pages: grants.count, isTouched: isTouched)
    }
  }

  /// The pages could not be mapped together: maps each alone, for no longer than it takes to see its
  /// status. Where each can be, all have the status that they had together: nothing is mapped now.
  private func statuses(together: GrantStatus, _ device: any GrantDevice) -> [GrantStatus] {
    let alone = grants.map { statusAlone($0, device) }
    return alone.contains { $0 != .okay } ? alone : alone.map { _ in together }
  }

  private func statusAlone(_ grant: GrantReference, _ device: any GrantDevice) -> GrantStatus {
    do throws(GrantError) {
      _ = try device.map(grant, of: domain, access: .readOnly)
      return .okay
    } catch { return error.status }
  }
}

extension GrantError {
  /// What Xen said, or would have said.
  fileprivate var status: GrantStatus {
    if case .refused(let status) = self { status } else { .generalError }
  }
}
