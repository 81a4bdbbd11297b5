/// One key of the store.
struct StoreNode {
  var value: String
  /// Names of the keys right below, in the order of their making.
  var children: [String] = []
  /// When it was last written; 0: not yet in the store.
  var generation: UInt64 = 0
}

/// Nodes by path: the store itself, or what a transaction sees of it.
protocol StoreNodes {
  /// The node at `path`, as it stands here.
  mutating func node(at path: String) -> StoreNode?
  /// Puts a node at `path`, or takes it away.
  mutating func setNode(_ node: StoreNode?, at path: String)
}

extension StoreNodes {
  /// Writes a key, and makes the ones above it that are missing.
  mutating func write(_ value: String, at path: String) {
    var node = node(at: path) ?? StoreNode(value: "")
    let isNew = node.generation == 0
    node.value = value
    setNode(node, at: path)
    if isNew { addToParent(path) }
  }

  /// Removes a key and what is below it.
  ///
  /// - Returns: every path that went, the deepest last; none when there was no such key.
  mutating func remove(_ path: String) -> [String] {
    guard node(at: path) != nil else { return [] }
    if let parent = StorePath.parent(of: path), var above = node(at: parent) {
      above.children.removeAll { $0 == StorePath.name(of: path) }
      setNode(above, at: parent)
    }
    var removed = [path]
    var next = 0
    while next < removed.count {
      let here = removed[next]
      removed += node(at: here)?.children.map { here + "/" + $0 } ?? []
      setNode(nil, at: here)
      next += 1
    }
    return removed
  }

  private mutating func addToParent(_ path: String) {
    guard let parent = StorePath.parent(of: path) else { return }
    let known = node(at: parent)
    var above = known ?? StoreNode(value: "")
    let name = StorePath.name(of: path)
    guard !above.children.contains(name) else { return }
    above.children.append(name)
    setNode(above, at: parent)
    if known == nil { addToParent(parent) }
  }
}

/// The store's nodes as everyone sees them.
struct LiveNodes: StoreNodes {
  private var nodes: [String: StoreNode] = [:]
  private var generation: UInt64 = 0

  func node(at path: String) -> StoreNode? { nodes[path] }

  mutating func setNode(_ node: StoreNode?, at path: String) {
    generation += 1
    nodes[path] = node
    nodes[path]?.generation = generation
  }
}

/// What a transaction sees: its own writes, over the store as it was when first asked.
struct TransactionNodes: StoreNodes {
  private let live: (String) -> StoreNode?
  private var seen: [String: StoreNode?] = [:]
  private(set) var generations: [String: UInt64] = [:]
  private(set) var written: Set<String> = []

  init(over live: @escaping (String) -> StoreNode?) { self.live = live }

  mutating func node(at path: String) -> StoreNode? {
    if let known = seen[path] { return known }
    let node = live(path)
    seen[path] = .some(node)
    generations[path] = node?.generation ?? 0
    return node
  }

  mutating func setNode(_ node: StoreNode?, at path: String) {
    _ = self.node(at: path)
    seen[path] = .some(node)
    written.insert(path)
  }

  /// What stands at `path` after the commit.
  func result(at path: String) -> StoreNode? { seen[path] ?? nil }
}
