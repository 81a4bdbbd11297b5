/// What a guest's kernel can do with its grant table and a device node cannot.
///
/// Only simulated allocators offer it; ask with `as? any GrantTableControl`.
public protocol GrantTableControl: GrantAllocator {
  /// Shares one zeroed page under a chosen reference; `exhausted` when it is in use.
  func share(
    at grant: GrantReference, with domain: DomainID, access: GrantAccess
  ) throws(GrantError) -> any GrantedPages
  /// Changes the rights of a grant. What is mapped stays mapped.
  func setAccess(_ access: GrantAccess, of grant: GrantReference)
  /// Ends one grant, the page of a larger share too. What is mapped stays mapped.
  func revoke(_ grant: GrantReference)
}
