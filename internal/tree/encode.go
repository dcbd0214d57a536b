package tree

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// The encoding of an ensemble. Numbers are unsigned varints, or 8 bytes in
// little-endian order where so marked.
//
//	1                                      the version of this encoding
//	features, base (8), scale (8), trees
//	for each feature: its thresholds       a table
//	all leaves                             a table
//	the trees, as one string of bits
//
// A table is the number of distinct values, and the differences of their ordered
// bits, ascending, from one to the next. In the string of bits a node is
//
//	leaf:  0, place in the table of leaves, cover in Elias' gamma code
//	split: 1, feature, threshold, 1 if missing values go to the left
//
// in preorder. The splits above a node leave a range of its feature's table. A
// threshold is its place in this range, in as many bits as that needs; the place
// after the last is followed by the place in the table, for a threshold outside.
// The covers of splits are sums.
//
// Zeros follow until there is a byte for each node, so that nobody is made to
// allocate much by few bytes. It takes many trees with few distinct values for that.
const encodingVersion = 1

// pollNodes is the number of nodes between two looks at the context.
const pollNodes = 1 << 16

// ErrCover marks an ensemble that cannot be encoded, since its covers are not whole
// numbers that add up.
var ErrCover = errors.New("covers are not sums of whole numbers")

// AppendBinary appends an encoding of the ensemble, which [Decode] turns into the
// same bits again. A forest of fully grown trees takes some 4 bytes for each split
// and its leaf, and the distinct thresholds and leaves up to 6 each. The ensemble
// must be valid, and its covers be the number of rows drawn, as [Grow] makes them. It
// ends soon after ctx, with its error.
func (e *Ensemble) AppendBinary(ctx context.Context, b []byte) ([]byte, error) {
	if err := e.Validate(ctx); err != nil {
		return b, err
	}
	if len(e.Trees) > maxTrees {
		return b, fmt.Errorf("trees: there must be at most %d, got %d", maxTrees, len(e.Trees))
	}
	c, err := newCodec(ctx, e)
	if err != nil {
		return b, err
	}
	start := len(b)
	b = binary.AppendUvarint(b, encodingVersion)
	b = binary.AppendUvarint(b, uint64(e.Features))
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(e.Base))
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(e.Scale))
	b = binary.AppendUvarint(b, uint64(len(e.Trees)))
	for _, table := range append(c.thresholds, c.leaves) {
		b = appendTable(b, table)
	}
	w, nodes := &bitWriter{out: b}, 0
	for i := range e.Trees {
		if err := c.write(ctx, w, &e.Trees[i]); err != nil {
			return b, fmt.Errorf("trees[%d].%w", i, err)
		}
		nodes += len(e.Trees[i].Nodes)
	}
	b = w.close()
	return append(b, make([]byte, max(0, nodes-(len(b)-start)))...), nil
}

// codec has the tables of an ensemble, as ordered bits, and follows the ranges of
// thresholds.
type codec struct {
	thresholds [][]uint64
	leaves     []uint64
	ranges
	featureBits, leafBits int
}

func newCodec(ctx context.Context, e *Ensemble) (*codec, error) {
	thresholds, leaves := make([]distinct, e.Features), distinct{}
	for _, t := range e.Trees {
		for i, n := range t.Nodes {
			if err := poll(ctx, i); err != nil {
				return nil, err
			}
			if n.Feature == Leaf {
				leaves.add(orderedBits(n.Value))
			} else {
				thresholds[n.Feature].add(orderedBits(n.Value))
			}
		}
	}
	c := &codec{leaves: leaves.table()}
	for j := range thresholds {
		c.thresholds = append(c.thresholds, thresholds[j].table())
	}
	c.prepare()
	return c, nil
}

// poll looks at the context every now and then.
func poll(ctx context.Context, node int) error {
	if node%pollNodes != 0 {
		return nil
	}
	return ctx.Err()
}

// distinct gathers values and keeps one of each.
type distinct struct{ sorted, fresh []uint64 }

// fewEnough is how many values are sorted in a few tens of milliseconds.
const fewEnough = 1 << 19

func (d *distinct) add(v uint64) {
	if d.fresh = append(d.fresh, v); len(d.fresh) == fewEnough {
		d.table()
	}
}

// table returns the values, ascending.
func (d *distinct) table() []uint64 {
	slices.Sort(d.fresh)
	a, b := d.sorted, slices.Compact(d.fresh)
	merged := make([]uint64, 0, len(a)+len(b))
	for len(a)+len(b) > 0 {
		if len(b) == 0 || len(a) > 0 && a[0] < b[0] {
			a, b = b, a // so that b has the least value
		}
		if len(merged) == 0 || merged[len(merged)-1] != b[0] {
			merged = append(merged, b[0])
		}
		b = b[1:]
	}
	d.sorted, d.fresh = merged, d.fresh[:0]
	return merged
}

// prepare sets what follows from the tables.
func (c *codec) prepare() {
	c.low, c.high = make([]int, len(c.thresholds)), make([]int, len(c.thresholds))
	c.featureBits, c.leafBits = placeBits(len(c.thresholds)), placeBits(len(c.leaves))
}

// placeBits is how many bits name one of n places.
func placeBits(n int) int { return bits.Len(uint(max(0, n-1))) }

func appendTable(b []byte, table []uint64) []byte {
	b = binary.AppendUvarint(b, uint64(len(table)))
	last := uint64(0)
	for _, key := range table {
		b = binary.AppendUvarint(b, key-last)
		last = key
	}
	return b
}

// write writes a tree.
func (c *codec) write(ctx context.Context, w *bitWriter, t *Tree) error {
	c.begin(c.thresholds)
	for i, n := range t.Nodes {
		if err := poll(ctx, i); err != nil {
			return err
		}
		if n.Feature == Leaf {
			cover := t.Cover[i]
			if cover != math.Trunc(cover) || cover > maxRows {
				return fmt.Errorf("cover[%d]: %v: %w", i, cover, ErrCover)
			}
			place, _ := slices.BinarySearch(c.leaves, orderedBits(n.Value))
			w.write(0, 1)
			w.write(uint64(place), c.leafBits)
			w.writeGamma(uint64(cover))
			c.leaf()
			continue
		}
		if t.Cover[i] != t.Cover[i+1]+t.Cover[n.Right] {
			return fmt.Errorf("cover[%d]: %v: %w", i, t.Cover[i], ErrCover)
		}
		c.writeSplit(w, n, i)
	}
	return nil
}

func (c *codec) writeSplit(w *bitWriter, n Node, i int) {
	w.write(1, 1)
	w.write(uint64(n.Feature), c.featureBits)
	place, _ := slices.BinarySearch(c.thresholds[n.Feature], orderedBits(n.Value))
	low, size := c.of(int(n.Feature))
	if at := place - low; at >= 0 && at < size {
		w.write(uint64(at), placeBits(size+1))
	} else {
		w.write(uint64(size), placeBits(size+1))
		w.write(uint64(place), placeBits(len(c.thresholds[n.Feature])))
	}
	missing := uint64(0)
	if n.MissingLeft {
		missing = 1
	}
	w.write(missing, 1)
	c.split(int(n.Feature), place, i)
}

// ranges follows, along a walk in preorder, which places of each feature's table
// the splits above leave to the thresholds below.
type ranges struct {
	low, high []int // from low to below high, by feature
	above     []above
}

// above is a split between the root and the node at hand.
type above struct {
	feature, place int
	node           int
	low, high      int // before the split
	onRight        bool
}

// begin stands at the root of a tree.
func (r *ranges) begin(tables [][]uint64) {
	r.above = r.above[:0]
	for j, table := range tables {
		r.low[j], r.high[j] = 0, len(table)
	}
}

// of returns the first place and the number of places left to a feature.
func (r *ranges) of(feature int) (low, size int) {
	return r.low[feature], max(0, r.high[feature]-r.low[feature])
}

// split goes from a split to its left child.
func (r *ranges) split(feature, place, node int) {
	r.above = append(r.above, above{feature: feature, place: place, node: node, low: r.low[feature], high: r.high[feature]})
	r.high[feature] = min(r.high[feature], place)
}

// leaf goes from a leaf to the next node, the right child of the split that it
// returns. more is false after the last node.
func (r *ranges) leaf() (split int, more bool) {
	for len(r.above) > 0 {
		last := &r.above[len(r.above)-1]
		r.low[last.feature], r.high[last.feature] = last.low, last.high
		if !last.onRight {
			last.onRight = true
			r.low[last.feature] = max(last.low, last.place+1)
			return last.node, true
		}
		r.above = r.above[:len(r.above)-1]
	}
	return 0, false
}
