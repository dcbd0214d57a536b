package datasource

import (
	"hash/maphash"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// A column with more distinct values than the larger of fewLevels and a
	// twentieth of the rows is text, not categories, and so is one with more
	// than manyLevels.
	fewLevels  = 20
	manyLevels = 1000
	// A column is meant to hold numbers when at least half of its cells look like
	// numbers and no other cell is a word, or when enoughNumbers of them do and
	// all but a twentieth, whatever the others are.
	enoughNumbers = 20
)

// observation is what is known of the cells of a column that was read so far. It
// can be merged, so that blocks of a file are observed independently.
type observation struct {
	rows, present         int
	numbers, codes, words int      // present = numbers + codes + words + amounts + broken
	amounts               int      // numbers with a comma or a currency sign
	broken                int      // other cells that are meant as numbers and are none
	firstBad              badCell  // word, amount or broken
	line                  int      // of firstBad
	levels                hashSet  // distinct values, up to manyLevels + 1
	ids                   hashSet  // all distinct values, if the name is that of an ID
	fresh                 []uint64 // values that are not in ids yet
	isID                  bool
	seed                  maphash.Seed // the same for all that are merged
}

func observe(names []string, seed maphash.Seed) []observation {
	columns := make([]observation, len(names))
	for i, name := range names {
		columns[i].isID, columns[i].seed = namesID(name), seed
	}
	return columns
}

// add takes in all rows of a column.
func (o *observation) add(r *records, column int) {
	for row := range r.rows {
		before := o.bad()
		o.see(trimBlanks(r.cell(row, column)), true)
		if before == 0 && o.bad() == 1 {
			o.firstBad = badCell{row, column, string(r.cell(row, column))}
			o.line = r.lines.at(row)
		}
	}
}

// bad counts the cells that may be faults in a column of numbers.
func (o *observation) bad() int { return o.words + o.amounts + o.broken }

// see takes in one cell, which cannot be a number when mayBeNumber is false.
func (o *observation) see(cell []byte, mayBeNumber bool) {
	o.rows++
	if len(cell) == 0 {
		return
	}
	o.present++
	if mayBeNumber {
		o.classify(cell)
	} else {
		o.words++
	}
	if o.levels.n > manyLevels && !o.isID {
		return
	}
	h := maphash.Bytes(o.seed, cell)
	if o.levels.n <= manyLevels {
		o.levels.add(h)
	}
	if o.isID {
		o.fresh = append(o.fresh, h)
	}
}

func (o *observation) classify(cell []byte) {
	_, number := parseNumber(cell)
	switch {
	case number && isCode(cell), !number && isLabel(cell):
		o.codes++
	case number:
		o.numbers++
	case isAmount(cell):
		o.amounts++
	case o.words > 0 || numberHint(cell) == "":
		o.words++
	default:
		o.broken++
	}
}

// merge takes in what was observed in the rows that follow.
func (o *observation) merge(next *observation) {
	if o.bad() == 0 {
		o.firstBad, o.line = next.firstBad, next.line
	}
	o.rows += next.rows
	o.present += next.present
	o.numbers += next.numbers
	o.codes += next.codes
	o.words += next.words
	o.amounts += next.amounts
	o.broken += next.broken
	if o.levels.n <= manyLevels {
		next.levels.each(o.levels.add)
	}
	for _, h := range next.fresh {
		o.ids.add(h)
	}
}

// distinct reports whether the column identifies rows: at least nine in ten hold
// a value that no row above holds. A repeated or missing ID is then a fault that
// validation finds, and not a reason to compute with IDs.
func (o *observation) distinct() bool {
	for _, h := range o.fresh {
		o.ids.add(h)
	}
	o.fresh = nil
	return o.rows > 0 && 10*o.ids.n >= 9*o.rows
}

// decided reports whether no further row can change the kind.
func (o *observation) decided() bool {
	return !o.isID && o.codes > 0 && o.levels.n > manyLevels
}

// kind returns the kind of the column by the rules in the package documentation.
// It is Numeric and false for numbers among which some are broken.
func (o *observation) kind() (Kind, bool) {
	levels := min(manyLevels, max(fewLevels, o.rows/20))
	switch {
	case o.present == 0, o.isID && o.distinct():
		return Text, true
	case o.numbers == o.present:
		return Numeric, true
	case o.meansNumbers():
		return Numeric, false
	case o.levels.n <= levels:
		return Categorical, true
	}
	return Text, true
}

// meansNumbers reports whether a column that does not hold numbers alone should.
func (o *observation) meansNumbers() bool {
	look := o.numbers + o.amounts
	switch {
	case o.codes > 0:
		return false
	case o.words == 0:
		return 2*look >= o.present
	}
	return look >= enoughNumbers && 20*look >= 19*o.present
}

// namesID reports whether a column's name is that of an ID: "id" or a name that
// ends with it as a word of its own (customer_id, Customer ID, CustomerID, userId)
// or after the usual nouns (customerid, CLIENTID).
func namesID(name string) bool {
	lower := strings.ToLower(name)
	stem, ok := strings.CutSuffix(lower, "id")
	if !ok {
		return false
	}
	switch stem {
	case "", "customer", "client", "user", "member", "account", "person", "contact", "subscriber", "household", "u", "gu", "uu":
		return true
	}
	before, _ := utf8.DecodeLastRuneInString(stem)
	if !unicode.IsLetter(before) && !unicode.IsDigit(before) {
		return true
	}
	last, _ := utf8.DecodeLastRuneInString(name[:len(name)-len("id")])
	return unicode.IsLower(last) && name[len(name)-len("id")] == 'I'
}

// hashSet is a set of 64-bit hashes in open addressing. Two values share a hash
// about once in 10^19 pairs, which makes a column look as if it had one value
// less.
type hashSet struct {
	slots []uint64 // 0 is empty
	n     int
}

func (s *hashSet) add(h uint64) {
	if h == 0 {
		h = 1
	}
	if 2*s.n >= len(s.slots) {
		s.grow()
	}
	mask := uint64(len(s.slots) - 1)
	for at := h & mask; ; at = (at + 1) & mask {
		switch s.slots[at] {
		case h:
			return
		case 0:
			s.slots[at] = h
			s.n++
			return
		}
	}
}

func (s *hashSet) grow() {
	old := s.slots
	s.slots = make([]uint64, max(64, 2*len(old)))
	s.n = 0
	for _, h := range old {
		if h != 0 {
			s.add(h)
		}
	}
}

func (s *hashSet) each(do func(uint64)) {
	for _, h := range s.slots {
		if h != 0 {
			do(h)
		}
	}
}
