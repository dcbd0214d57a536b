package datasource

import (
	"context"
	"fmt"
	"hash/maphash"
	"slices"
)

// infer finds the kinds that are not given, in one pass over the rows, or over
// fewer when those suffice.
func (r *csvRead) infer(ctx context.Context, s *splitter) error {
	seed := maphash.MakeSeed()
	total := observe(r.names, seed)
	for part, err := range ordered(ctx, r.next(s), func() observer { return r.observer(seed) }) {
		if err != nil {
			return err
		}
		if err := r.count(part.rows, part.line); err != nil {
			return err
		}
		if !r.merge(total, part.columns) {
			break
		}
	}
	return r.decide(total)
}

// merge takes in the columns of a block, and reports whether further blocks can
// tell more.
func (r *csvRead) merge(total, part []observation) bool {
	open := false
	for i := range total {
		if r.kinds[i] == 0 && !total[i].decided() {
			total[i].merge(&part[i])
			open = true
		}
	}
	return open
}

func (r *csvRead) decide(total []observation) error {
	for i := range total {
		if r.kinds[i] != 0 {
			continue
		}
		kind, ok := total[i].kind()
		if !ok {
			return total[i].fault(r.names[i])
		}
		r.kinds[i] = kind
	}
	return nil
}

// fault explains the first cell that is no number in a column that should hold
// numbers.
func (o *observation) fault(column string) *CSVError {
	e := badNumber(o.firstBad, o.line, column)
	if e.Hint == notMeant {
		e.Reason += fmt.Sprintf(", while %d of %d cells in the column look like numbers", o.numbers+o.amounts, o.present)
		e.Hint = leaveEmpty + ", or read the column as categorical or text"
	}
	return e
}

type observedBlock struct {
	columns []observation
	rows    int
	line    func(row int) int
}

type observer = func(*block) (observedBlock, error)

func (r *csvRead) observer(seed maphash.Seed) observer {
	out := &records{}
	return func(b *block) (observedBlock, error) {
		scan := r.scanner(*b, out)
		if err := scan.scan(); err != nil {
			return observedBlock{}, err
		}
		columns := observe(r.names, seed)
		for i := range columns {
			if r.kinds[i] == 0 {
				columns[i].add(out, i)
			}
		}
		return observedBlock{columns, out.rows, slices.Clone(out.lines).at}, nil
	}
}
