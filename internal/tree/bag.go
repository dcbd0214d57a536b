package tree

import "math/rand/v2"

// bag is the set of rows that a tree was grown from, a bit for each.
type bag []uint64

func newBag(weights []uint32) bag {
	b := make(bag, (len(weights)+63)/64)
	for row, w := range weights {
		if w > 0 {
			b[row/64] |= 1 << (row % 64)
		}
	}
	return b
}

func (b bag) has(row int) bool { return b[row/64]>>(row%64)&1 != 0 }

// drawRows sets weights to how often each row is drawn, of as many draws with
// replacement as there are rows.
func drawRows(weights []uint32, random *rand.Rand) {
	clear(weights)
	n := uint64(len(weights))
	for range n {
		weights[random.Uint64N(n)]++
	}
}
