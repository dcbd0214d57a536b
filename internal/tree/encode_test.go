package tree

import (
	"context"
	"encoding/binary"
	"errors"
	"maps"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func encode(t testing.TB, e *Ensemble) []byte {
	t.Helper()
	b, err := e.AppendBinary(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEncodingKeepsEveryBit(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 8))
	all := []*Ensemble{sound(), {Features: 3, Base: math.Copysign(0, -1), Scale: 1, Trees: []Tree{chain(maxDepth), chain(3)}}}
	for range 150 {
		columns, y := smallProblem(random)
		all = append(all, grow(t, columns, y, smallConfig(random, len(columns))).Ensemble)
	}
	columns, y := mixed(3000, 5)
	all = append(all, grow(t, columns, y, Config{Trees: 20}).Ensemble)
	for i, e := range all {
		got, err := Decode(t.Context(), encode(t, e))
		if err != nil {
			t.Fatalf("ensemble %d: %v", i, err)
		}
		if !reflect.DeepEqual(got, e) || math.Signbit(got.Base) != math.Signbit(e.Base) {
			t.Fatalf("ensemble %d is another one after encoding and decoding", i)
		}
	}
}

// Thresholds that no row can reach are kept as well: of -0 and 0, and outside of
// what the splits above leave.
func TestEncodingKeepsUselessSplits(t *testing.T) {
	leaf := Node{Value: 1, Feature: Leaf}
	e := &Ensemble{Features: 1, Scale: 1, Trees: []Tree{{
		Nodes: []Node{{Value: 0, Right: 6}, {Value: 5, Right: 5}, {Value: math.Copysign(0, -1), Right: 4}, leaf, leaf, leaf, leaf},
		Cover: []float64{4, 3, 2, 1, 1, 1, 1},
	}}}
	got, err := Decode(t.Context(), encode(t, e))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, e) || !math.Signbit(got.Trees[0].Nodes[2].Value) {
		t.Errorf("decoded %+v, want %+v", got, e)
	}
}

func TestEncodingIsCompact(t *testing.T) {
	columns, y := housing(3000, 3)
	e := grow(t, columns, y, Config{Trees: 10}).Ensemble
	nodes := 0
	for _, tree := range e.Trees {
		nodes += len(tree.Nodes)
	}
	if perNode := float64(len(encode(t, e))) / float64(nodes); perNode > 5 {
		t.Errorf("%.2f bytes a node, want at most 5 of 24", perNode)
	}
}

func TestEncodingRefusesOtherCovers(t *testing.T) {
	for _, covers := range [][]float64{{7.5, 5.5, 2.5, 3, 2}, {7.000001, 5, 2, 3, 2}} {
		e := sound()
		e.Trees[0].Cover = covers
		if _, err := e.AppendBinary(t.Context(), nil); !errors.Is(err, ErrCover) {
			t.Errorf("covers %v: error %v, want %v", covers, err, ErrCover)
		}
	}
	e := sound()
	e.Trees[0].Nodes[0].Right = 2
	if _, err := e.AppendBinary(t.Context(), nil); err == nil {
		t.Error("an ensemble that is not valid was encoded")
	}
}

func TestDecodeRefusesWhatIsCutShort(t *testing.T) {
	columns, y := mixed(60, 6)
	b := encode(t, grow(t, columns, y, Config{Trees: 3}).Ensemble)
	for n := range b {
		if _, err := Decode(t.Context(), b[:n]); err == nil {
			t.Fatalf("%d of %d bytes were accepted", n, len(b))
		}
	}
	if _, err := Decode(t.Context(), append(b, 0)); err == nil {
		t.Error("a byte more was accepted")
	}
}

// What a changed bit leaves readable is a sound ensemble, though not that which was
// written: it takes a checksum to tell.
func TestDecodeOfChangedBitsIsSound(t *testing.T) {
	columns, y := mixed(80, 7)
	b := encode(t, grow(t, columns, y, Config{Trees: 3}).Ensemble)
	refused := 0
	for bit := range 8 * len(b) {
		b[bit/8] ^= 1 << (bit % 8)
		e, err := Decode(t.Context(), b)
		if err != nil {
			refused++
		} else if err := e.Validate(t.Context()); err != nil {
			t.Fatalf("bit %d: decoded, but not valid: %v", bit, err)
		}
		b[bit/8] ^= 1 << (bit % 8)
	}
	if refused == 0 {
		t.Error("no changed bit was noticed")
	}
}

func TestDecodeNamesWhatIsWrong(t *testing.T) {
	number := binary.AppendUvarint
	header := func(version, features, trees uint64, base, scale float64) []byte {
		b := number(number(nil, version), features)
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(base))
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(scale))
		return number(b, trees)
	}
	good := slices.Clip(header(1, 1, 1, 0, 1))
	one := func(b []byte, values ...float64) []byte {
		var table []uint64
		for _, v := range values {
			table = append(table, orderedBits(v))
		}
		return slices.Clip(appendTable(b, table))
	}
	oneLeaf := one(one(good), 7)
	cases := []struct {
		name string
		in   []byte
		want string
	}{
		{"nothing", nil, "header: the bytes end here"},
		{"version", header(2, 1, 1, 0, 1), "version: must be 1, got 2"},
		{"columns", header(1, 1<<40, 1, 0, 1), "features: must be from 1 to 32767, got 1099511627776"},
		{"trees", header(1, 1, 1<<40, 0, 1), "trees: must be from 1 to 10000, got 1099511627776"},
		{"base", append(one(one(header(1, 1, 1, math.NaN(), 1)), 7), 0), "base, scale and leaves"},
		{"table of thresholds", number(good, 1<<40), "thresholds[0]: its length must be at most the 0 bytes that are left, got 1099511627776"},
		{"table of leaves", number(one(good), 1<<40), "leaves: its length must be at most"},
		{"no leaves", one(one(good)), "leaves: there must be one or more"},
		{"equal leaves", append(number(number(one(good), 2), orderedBits(7)), 0), "leaves: value 1 is not above the one before"},
		{"infinite leaf", one(one(good), math.Inf(1)), "leaves: value 0 must be finite"},
		{"long number", append(number(one(good), 1), 0x80, 0), "leaves: the bytes end here"},
		{"no nodes", oneLeaf, "trees[0].nodes[0]: the bytes end here"},
		{"split without thresholds", append(oneLeaf, 1), "trees[0].nodes[0]: threshold"},
		{"threshold in another way", append(one(one(good, 1), 7), 3), "trees[0].nodes[0]: threshold: it is not outside of its range"},
		{"cover", append(oneLeaf, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff), "trees[0].nodes[0]: the bytes end here"},
		{"large cover", append(oneLeaf, 0, 0, 0, 0x80, 0xff, 0xff, 0xff, 0xff), "trees[0].nodes[0]: cover: must be at most 1073741824"},
		{"more bytes", append(oneLeaf, 2, 0), "trees: there are bytes after the last one"},
		{"more bits", append(oneLeaf, 6), "trees: there are bytes after the last one"},
		{"too deep", append(one(one(good, 1), 7), deepBits()...), "trees[0].nodes[1024]: it is more than 1024 splits below the root"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if e, err := Decode(t.Context(), c.in); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%+v, error %v, want one with %q", e, err, c.want)
			}
		})
	}
	if _, err := Decode(t.Context(), append(oneLeaf, 2)); err != nil {
		t.Errorf("a single leaf: %v", err)
	}
}

// deepBits are splits at the same threshold, each the left child of the last.
func deepBits() []byte {
	w := &bitWriter{}
	w.write(0b001, 3) // a split at the first of one thresholds
	for range maxDepth + 1 {
		w.write(0b01, 2) // none is left: outside of the range, and the only one
	}
	return append(w.close(), make([]byte, maxDepth)...) // a byte for each node
}

// Few values make trees of two bits a node. They get a byte each, so that none can
// ask for more memory than by its length.
func TestEveryNodeHasAByte(t *testing.T) {
	e := &Ensemble{Features: 1, Scale: 1, Trees: []Tree{balanced(10), balanced(8)}}
	nodes := len(e.Trees[0].Nodes) + len(e.Trees[1].Nodes)
	b := encode(t, e)
	if len(b) != nodes {
		t.Errorf("%d nodes take %d bytes", nodes, len(b))
	}
	if got, err := Decode(t.Context(), b); err != nil || !reflect.DeepEqual(got, e) {
		t.Errorf("decoded it is another one, or %v", err)
	}
	half := slices.Clone(b)
	half[nodes/2+1] = 1
	for name, bad := range map[string][]byte{"short": b[:nodes-1], "shorter": b[:nodes/2], "long": append(slices.Clip(b), 0), "not of zeros": half} {
		if _, err := Decode(t.Context(), bad); err == nil {
			t.Errorf("padding that is %s was accepted", name)
		}
	}
}

func TestEncodingEndsWithItsContext(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	b := encode(t, sound())
	cancel()
	if _, err := Decode(ended, b); !errors.Is(err, context.Canceled) {
		t.Errorf("decoding: error %v", err)
	}
	if _, err := sound().AppendBinary(ended, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("encoding: error %v", err)
	}
	if err := sound().Validate(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("validating: error %v", err)
	}
}

// Distinct values are gathered in parts.
func TestDistinctValues(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 9))
	for _, n := range []int{0, 1, 1000, fewEnough, 2*fewEnough + 7} {
		var d distinct
		seen := map[uint64]bool{}
		for range n {
			v := random.Uint64N(uint64(n))
			seen[v] = true
			d.add(v)
		}
		if got, want := d.table(), slices.Sorted(maps.Keys(seen)); !slices.Equal(got, want) {
			t.Errorf("%d values: %d are distinct, want %d", n, len(got), len(want))
		}
	}
}

// Half a million nodes, and a byte too many: bytes do not become nodes before all
// were seen to be good.
func TestDecodeOfBadBytesNeedsLittleMemory(t *testing.T) {
	good := encode(t, &Ensemble{Features: 1, Scale: 1, Trees: []Tree{balanced(18)}})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Decode(t.Context(), append(good, 1))
	runtime.ReadMemStats(&after)
	if err == nil {
		t.Fatal("a byte too many was accepted")
	}
	if used, most := after.TotalAlloc-before.TotalAlloc, uint64(10*len(good)+2<<20); used > most {
		t.Errorf("%d bad bytes took %d bytes of memory, want at most %d", len(good), used, most)
	}
}

// balanced returns a tree of equal splits, with 2^depth leaves.
func balanced(depth int) (t Tree) {
	var add func(depth int)
	add = func(depth int) {
		at := len(t.Nodes)
		t.Nodes = append(t.Nodes, Node{Feature: Leaf})
		t.Cover = append(t.Cover, math.Ldexp(1, depth))
		if depth > 0 {
			add(depth - 1)
			t.Nodes[at] = Node{Right: int32(len(t.Nodes))}
			add(depth - 1)
		}
	}
	add(depth)
	return t
}

func FuzzDecode(f *testing.F) {
	columns, y := mixed(30, 8)
	f.Add(encode(f, grow(f, columns, y, Config{Trees: 2}).Ensemble))
	f.Add(encode(f, sound()))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := Decode(t.Context(), b)
		if err != nil {
			return
		}
		if err := e.Validate(t.Context()); err != nil {
			t.Fatalf("decoded, but not valid: %v", err)
		}
		again, err := Decode(t.Context(), encode(t, e))
		if err != nil || !reflect.DeepEqual(again, e) {
			t.Fatalf("encoded and decoded again it is another one, or %v", err)
		}
	})
}
