package tree

import (
	"context"
	"errors"
	"fmt"
	"math"
)

// Decode returns the ensemble whose encoding b is, as [Ensemble.AppendBinary] makes
// it. It trusts no byte: the whole is read and checked before nodes are made of it,
// and an error names the field. Memory is at most ten times the bytes and 2 MB, and
// for an ensemble 24 bytes more for each node, of which there is at most one for each
// byte. It ends soon after ctx, with its error.
func Decode(ctx context.Context, b []byte) (*Ensemble, error) {
	d := &decoder{reader: reader{in: b}, ctx: ctx, size: min(len(b), math.MaxInt32)}
	e, err := d.header()
	if err != nil {
		return nil, err
	}
	if err := d.tables(e); err != nil {
		return nil, err
	}
	counts, err := d.count(e)
	if err != nil {
		return nil, err
	}
	d.nodes = 0
	r := &bitReader{in: d.in}
	for i := range e.Trees {
		if e.Trees[i], err = d.build(r, counts[i]); err != nil {
			return nil, err
		}
	}
	return e, nil
}

type decoder struct {
	reader
	codec
	ctx   context.Context
	size  int // the number of bytes, and of nodes at most
	nodes int // read in this pass
}

var errShort = errors.New("the bytes end here")

func (d *decoder) header() (*Ensemble, error) {
	version, features := d.uvarint(), d.uvarint()
	base, scale := math.Float64frombits(d.fixed()), math.Float64frombits(d.fixed())
	trees := d.uvarint()
	switch {
	case d.bad:
		return nil, fmt.Errorf("header: %w", errShort)
	case version != encodingVersion:
		return nil, fmt.Errorf("version: must be %d, got %d", encodingVersion, version)
	case features < 1 || features > maxColumns:
		return nil, fmt.Errorf("features: must be from 1 to %d, got %d", maxColumns, features)
	case trees < 1 || trees > maxTrees:
		return nil, fmt.Errorf("trees: must be from 1 to %d, got %d", maxTrees, trees)
	}
	return &Ensemble{Features: int(features), Base: base, Scale: scale, Trees: make([]Tree, trees)}, nil
}

func (d *decoder) tables(e *Ensemble) (err error) {
	d.thresholds = make([][]uint64, e.Features)
	for j := range d.thresholds {
		if d.thresholds[j], err = d.table(); err != nil {
			return fmt.Errorf("thresholds[%d]: %w", j, err)
		}
	}
	if d.leaves, err = d.table(); err != nil {
		return fmt.Errorf("leaves: %w", err)
	}
	if len(d.leaves) == 0 {
		return errors.New("leaves: there must be one or more, got none")
	}
	d.prepare()
	greatest := max(-fromOrderedBits(d.leaves[0]), fromOrderedBits(d.leaves[len(d.leaves)-1]))
	return e.checkRange(greatest)
}

// table reads the ordered bits of distinct finite values, ascending.
func (d *decoder) table() ([]uint64, error) {
	n := d.uvarint()
	if d.bad {
		return nil, errShort
	}
	if n > uint64(len(d.in)) {
		return nil, fmt.Errorf("its length must be at most the %d bytes that are left, got %d", len(d.in), n)
	}
	table := make([]uint64, n)
	last := uint64(0)
	for i := range table {
		step := d.uvarint()
		switch {
		case d.bad:
			return nil, errShort
		case step == 0 || last+step < last:
			return nil, fmt.Errorf("value %d is not above the one before", i)
		}
		last += step
		if v := fromOrderedBits(last); !finite(v) {
			return nil, fmt.Errorf("value %d must be finite, got %v", i, v)
		}
		table[i] = last
	}
	return table, nil
}

// count checks all trees and returns their numbers of nodes.
func (d *decoder) count(e *Ensemble) ([]int, error) {
	r := &bitReader{in: d.in}
	counts := make([]int, len(e.Trees))
	for i := range counts {
		n := 0
		if err := d.walk(r, func(Node, float64) int { n++; return n - 1 }, func(int) {}); err != nil {
			return nil, fmt.Errorf("trees[%d].nodes[%d]: %w", i, n, err)
		}
		counts[i] = n
	}
	if padding, ok := r.padding(); !ok || padding > 0 && d.nodes != d.size {
		return nil, errors.New("trees: there are bytes after the last one")
	}
	return counts, nil
}

// build makes a tree of what was checked.
func (d *decoder) build(r *bitReader, count int) (Tree, error) {
	t := Tree{Nodes: make([]Node, 0, count), Cover: make([]float64, 0, count)}
	add := func(n Node, cover float64) int {
		t.Nodes, t.Cover = append(t.Nodes, n), append(t.Cover, cover)
		return len(t.Nodes) - 1
	}
	if err := d.walk(r, add, func(split int) { t.Nodes[split].Right = int32(len(t.Nodes)) }); err != nil {
		return Tree{}, err
	}
	for i := count - 1; i >= 0; i-- {
		if n := t.Nodes[i]; n.Feature != Leaf {
			t.Cover[i] = t.Cover[i+1] + t.Cover[n.Right]
		}
	}
	return t, nil
}

// walk reads a tree. It calls add for each node, which returns its number, and
// right for each split before its right child is read.
func (d *decoder) walk(r *bitReader, add func(n Node, cover float64) int, right func(split int)) error {
	d.begin(d.thresholds)
	for {
		if err := d.nextNode(); err != nil {
			return err
		}
		if r.read(1) == 1 {
			n, place, err := d.readSplit(r)
			if err != nil {
				return err
			}
			if len(d.above) == maxDepth {
				return fmt.Errorf("it is more than %d splits below the root", maxDepth)
			}
			d.split(int(n.Feature), place, add(n, 0))
			continue
		}
		place, cover := int(r.read(d.leafBits)), r.readGamma()
		switch {
		case r.over:
			return errShort
		case place >= len(d.leaves):
			return fmt.Errorf("value: must be one of %d leaves, got number %d", len(d.leaves), place)
		case cover > maxRows:
			return fmt.Errorf("cover: must be at most %d, got %d", maxRows, cover)
		}
		add(Node{Value: fromOrderedBits(d.leaves[place]), Feature: Leaf}, float64(cover))
		split, more := d.leaf()
		if !more {
			return nil
		}
		right(split)
	}
}

// nextNode counts a node, and refuses those beyond the bytes.
func (d *decoder) nextNode() error {
	if d.nodes == d.size {
		return fmt.Errorf("there must be a byte for each node, and there are %d", d.size)
	}
	d.nodes++
	return poll(d.ctx, d.nodes-1)
}

func (d *decoder) readSplit(r *bitReader) (n Node, place int, err error) {
	feature := int(r.read(d.featureBits))
	if feature >= len(d.thresholds) {
		return n, 0, fmt.Errorf("feature: must be from 0 to %d, got %d", len(d.thresholds)-1, feature)
	}
	table := d.thresholds[feature]
	low, size := d.of(feature)
	place = int(r.read(placeBits(size + 1)))
	switch {
	case place < size:
		place += low
	case place == size:
		if place = int(r.read(placeBits(len(table)))); place >= low && place < low+size {
			return n, 0, errors.New("threshold: it is not outside of its range")
		}
	default:
		return n, 0, fmt.Errorf("threshold: must be one of %d, got number %d", size, place)
	}
	missingLeft := r.read(1) == 1
	switch {
	case r.over:
		return n, 0, errShort
	case place >= len(table):
		return n, 0, fmt.Errorf("threshold: must be one of %d, got number %d", len(table), place)
	}
	return Node{Value: fromOrderedBits(table[place]), Feature: int16(feature), MissingLeft: missingLeft}, place, nil
}
