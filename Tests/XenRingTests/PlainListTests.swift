import Testing
import XenRing

@Suite struct `A plain list` {
  @Test(arguments: [0, 1, 4, 9])
  func `keeps what it is given, beyond the room it was made with`(room: Int) {
    var list = PlainList<UInt16>(room: room)
    for value in 0..<9 { list.append(UInt16(value)) }
    #expect(list.elements == Array(0..<9))
    #expect(list.count == 9)
  }

  @Test func `begins again at its first place`() {
    var list = PlainList<UInt16>(repeating: 7, count: 3)
    list.removeAll()
    let isEmpty = list.isEmpty
    #expect(isEmpty)
    list.append(1)
    #expect(list.elements == [1])
  }

  @Test func `is changed in place, by place and by span`() {
    var list = PlainList<UInt16>(repeating: 7, count: 3)
    list[1] = 8
    var span = list.mutableSpan
    span[2] = 9
    #expect(list.elements == [7, 8, 9])
  }

  @Test func `keeps its order when values come and go between others`() {
    var list = PlainList<UInt16>(room: 1)
    for value in [5, 7, 5, 8] as [UInt16] { list.append(value) }
    list.insert(6, at: 1)
    list.insert(9, at: 5)
    #expect(list.elements == [5, 6, 7, 5, 8, 9])
    #expect(list.firstIndex { $0 == 7 } == 2)
    list.removeAll { $0 == 5 }
    #expect(list.elements == [6, 7, 8, 9])
    list.removeFirst(1)
    #expect(list.elements == [7, 8, 9])
    list.keep(first: 2)
    #expect(list.elements == [7, 8])
  }

  @Test(arguments: [[], [1], [1, 2, 2], [3, 1, 2]] as [[UInt16]])
  func `puts its values in order`(values: [UInt16]) {
    var list = PlainList<UInt16>(room: 1)
    for value in values { list.append(value) }
    list.sort { $0 < $1 }
    var copy: [UInt16] = [9]
    list.copy(into: &copy)
    #expect(copy == values.sorted())
    #expect(list.span.count == values.count)
  }

  @Test(arguments: [-1, 3])
  func `has nothing beside its values`(place: Int) async {
    await #expect(processExitsWith: .failure) { [place] in
      let list = PlainList<UInt16>(repeating: 7, count: 3)
      _ = list[place]
    }
  }
}
