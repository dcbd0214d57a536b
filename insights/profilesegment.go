package insights

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/cohortlens/cohortlens/datasource"
)

// segmentCounter builds a SegmentProfile.
type segmentCounter struct {
	name    string
	rows    int
	columns map[string]*columnCounter
}

// segmentCounters keeps the segments with the least hashes, so that which ones
// are kept does not depend on order either.
type segmentCounters map[string]*segmentCounter

// open makes a counter for a segment, unless it has one or is not kept.
func (s segmentCounters) open(name string, columns []*columnCounter, but string) {
	if s[name] != nil {
		return
	}
	if len(s) == keptSegments {
		last := slices.MaxFunc(slices.Collect(maps.Keys(s)), compareHashes)
		if compareHashes(name, last) > 0 {
			return
		}
		delete(s, last)
	}
	counter := &segmentCounter{name: name, columns: make(map[string]*columnCounter, len(columns))}
	for _, c := range columns {
		if c.name != but {
			counter.columns[c.name] = newColumnCounter(c.name, c.kind, segmentGrain)
		}
	}
	s[name] = counter
}

// batchSegments has the segments of the rows of a batch.
type batchSegments struct {
	codes    []int32
	counters []*segmentCounter // by code, nil for a segment that is not kept
}

// of finds the counters of a batch and counts its rows.
func (s segmentCounters) of(column datasource.Column, columns []*columnCounter) batchSegments {
	b := batchSegments{codes: column.Codes(), counters: make([]*segmentCounter, len(column.Levels()))}
	for _, level := range column.Levels() {
		s.open(levelName(level), columns, column.Name())
	}
	for code, n := range countCodes(b.codes, len(b.counters)) {
		// Only those that no other segment of the batch has displaced.
		if counter := s[levelName(column.Levels()[code])]; counter != nil {
			counter.rows += n
			b.counters[code] = counter
		}
	}
	return b
}

// addColumn counts a column of the batch in each segment.
func (b *batchSegments) addColumn(ctx context.Context, column datasource.Column, s *scratch) error {
	switch column.Kind() {
	case datasource.Numeric:
		return b.addNumbers(ctx, column, s)
	case datasource.Categorical:
		b.addLevels(column)
	case datasource.Text:
		b.addTexts(column)
	}
	return ctx.Err()
}

func (b *batchSegments) addNumbers(ctx context.Context, column datasource.Column, s *scratch) error {
	numbers := column.Floats()
	for len(s.bySegment) < len(b.counters) {
		s.bySegment = append(s.bySegment, nil)
	}
	for low := 0; low < len(numbers); low += profileBlock {
		if err := ctx.Err(); err != nil {
			return err
		}
		for row := low; row < min(low+profileBlock, len(numbers)); row++ {
			if code := b.codes[row]; code >= 0 && b.counters[code] != nil {
				s.bySegment[code] = append(s.bySegment[code], numbers[row])
			}
		}
		for code, counter := range b.counters {
			if counter != nil {
				counter.columns[column.Name()].addNumbers(s.bySegment[code], s)
				s.bySegment[code] = s.bySegment[code][:0]
			}
		}
	}
	return nil
}

func (b *batchSegments) addLevels(column datasource.Column) {
	levels := column.Levels()
	counts := make([]int, len(b.counters)*len(levels))
	for row, code := range column.Codes() {
		segment := b.codes[row]
		if segment < 0 || b.counters[segment] == nil {
			continue
		}
		to := b.counters[segment].columns[column.Name()]
		to.rows++
		if code < 0 {
			to.missing++
		} else {
			counts[int(segment)*len(levels)+int(code)]++
		}
	}
	for code, counter := range b.counters {
		if counter != nil {
			counter.columns[column.Name()].addLevels(levels, counts[code*len(levels):(code+1)*len(levels)])
		}
	}
}

func (b *batchSegments) addTexts(column datasource.Column) {
	for row, segment := range b.codes {
		if segment < 0 || b.counters[segment] == nil {
			continue
		}
		to := b.counters[segment].columns[column.Name()]
		to.rows++
		if column.Missing(row) {
			to.missing++
		}
	}
}

func (s segmentCounters) merge(p *Profile, columns []*columnCounter) {
	for i := range p.segments {
		s.open(p.segments[i].Name, columns, p.segmentColumn)
	}
	for i := range p.segments {
		other := &p.segments[i]
		counter := s[other.Name]
		if counter == nil {
			continue
		}
		counter.rows += other.Rows
		for j := range other.Columns {
			counter.columns[other.Columns[j].name].merge(&other.Columns[j])
		}
	}
}

func (s segmentCounters) profiles() []SegmentProfile {
	var out []SegmentProfile
	for _, name := range slices.Sorted(maps.Keys(s)) {
		one := SegmentProfile{Name: name, Rows: s[name].rows}
		for _, counter := range s[name].columns {
			one.Columns = append(one.Columns, counter.profile())
		}
		slices.SortFunc(one.Columns, func(a, b ColumnProfile) int { return cmp.Compare(a.name, b.name) })
		out = append(out, one)
	}
	return out
}
