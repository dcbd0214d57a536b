package tree

import (
	"context"
	"math"
)

// column is a column of numbers as the search for splits sees it: each value is
// replaced by its rank among the distinct ones.
type column struct {
	// values are the distinct values, ascending. The code of a value is its
	// index here; that of a missing one is len(values).
	values []float64
	// sorted has an entry for each row, in ascending order of codes, and of
	// rows where these are equal. It is nil when there are at most two values.
	sorted []entry
	// codes has the code of each row when there are at most two values, until
	// these are made flags: nothing needs sorting then.
	codes []uint8
}

// entry is a code and, in the lower half, a row.
type entry uint64

func newEntry(code int, row uint32) entry { return entry(code)<<32 | entry(row) }

func (e entry) code() int   { return int(e >> 32) }
func (e entry) row() uint32 { return uint32(e) }

// newColumn ranks the values, among which NaN means missing.
func newColumn(ctx context.Context, x []float64) (*column, error) {
	keys, rows, err := sortKeys(ctx, x)
	if err != nil {
		return nil, err
	}
	c := &column{sorted: make([]entry, len(x))}
	for i, key := range keys {
		if key == missingKey {
			c.sorted[i] = newEntry(len(c.values), rows[i])
			continue
		}
		if i == 0 || key != keys[i-1] {
			c.values = append(c.values, fromOrderedBits(key))
		}
		c.sorted[i] = newEntry(len(c.values)-1, rows[i])
	}
	if len(c.values) <= 2 {
		c.codes = make([]uint8, len(x))
		for _, e := range c.sorted {
			c.codes[e.row()] = uint8(e.code())
		}
		c.sorted = nil
	}
	return c, nil
}

// threshold returns a value that parts two codes: the middle between their
// values, or the lower value when rounding leaves nothing between them. Above the
// highest code there are only missing values.
func (c *column) threshold(below, above int) float64 {
	if above >= len(c.values) {
		return math.MaxFloat64
	}
	a, b := c.values[below], c.values[above]
	if middle := a/2 + b/2; middle > a && middle < b {
		return middle
	}
	return a
}

// missingKey is greater than the key of every number.
const missingKey = math.MaxUint64

// sortKey returns a number that orders as v does, with -0 equal to 0 and NaN
// last.
func sortKey(v float64) uint64 {
	if math.IsNaN(v) {
		return missingKey
	}
	return orderedBits(v + 0)
}

const signBit = 1 << 63

// orderedBits returns a number that orders as v does, with -0 below 0.
func orderedBits(v float64) uint64 {
	bits := math.Float64bits(v)
	if bits&signBit != 0 {
		return ^bits
	}
	return bits | signBit
}

// fromOrderedBits is the inverse of orderedBits.
func fromOrderedBits(key uint64) float64 {
	if key&signBit != 0 {
		return math.Float64frombits(key &^ signBit)
	}
	return math.Float64frombits(^key)
}

// sortKeys returns the keys of x in ascending order, each with its row. It is a
// radix sort, stable and linear, that looks at ctx after each pass.
func sortKeys(ctx context.Context, x []float64) (keys []uint64, rows []uint32, err error) {
	keys, rows = make([]uint64, len(x)), make([]uint32, len(x))
	for i, v := range x {
		keys[i], rows[i] = sortKey(v), uint32(i)
	}
	nextKeys, nextRows := make([]uint64, len(x)), make([]uint32, len(x))
	for shift := 0; shift < 64; shift += 8 {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		var starts [256]int
		for _, key := range keys {
			starts[uint8(key>>shift)]++
		}
		if starts[uint8(keys[0]>>shift)] == len(x) {
			continue
		}
		at := 0
		for digit, count := range starts {
			starts[digit] = at
			at += count
		}
		for i, key := range keys {
			to := &starts[uint8(key>>shift)]
			nextKeys[*to], nextRows[*to] = key, rows[i]
			*to++
		}
		keys, nextKeys, rows, nextRows = nextKeys, keys, nextRows, rows
	}
	return keys, rows, nil
}
