package datasource

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// csvRead is one reading of a CSV source.
type csvRead struct {
	config  CSVConfig
	classes *byteClasses
	names   []string
	kinds   []Kind // 0 until inferred
	rows    int    // of the pass that is under way
	first   block  // what follows the header in its block
}

// run reads the input, and yields batches until yield returns false.
func (r *csvRead) run(ctx context.Context, input csvInput, yield func(*Table) bool) error {
	in, err := input.open()
	if err != nil {
		return err
	}
	defer in.close()
	rows, err := r.head(ctx, in)
	if err != nil {
		return err
	}
	if !slices.Contains(r.kinds, 0) {
		in.forget()
		return r.batches(ctx, rows, yield)
	}
	if err := r.infer(ctx, rows); err != nil {
		return err
	}
	if err := in.rewind(); err != nil {
		return err
	}
	if rows, err = r.head(ctx, in); err != nil {
		return err
	}
	return r.batches(ctx, rows, yield)
}

// head reads what precedes the rows: marks, delimiter and header.
func (r *csvRead) head(ctx context.Context, in stream) (*splitter, error) {
	s := &splitter{in: in, limits: r.config.Limits, line: 1, partial: r.partial}
	start, err := s.peek(ctx, sampleSize)
	if err != nil {
		return nil, err
	}
	if err := checkMagic(start); err != nil {
		return nil, err
	}
	start = s.skip(byteOrderMark)
	delimiter := byte(r.config.Delimiter)
	if delimiter == 0 {
		var fault *CSVError
		if delimiter, fault = sniff(start, s.eof); fault != nil {
			return nil, fault
		}
	}
	r.classes = classesFor(delimiter)
	r.rows = 0
	return s, r.header(ctx, s)
}

func (r *csvRead) header(ctx context.Context, s *splitter) error {
	r.first = block{}
	if err := s.next(ctx, &r.first); err != nil {
		return noHeader(err)
	}
	scan := r.scanner(r.first, &records{})
	scan.out.names = nil    // any number of cells
	for !scan.skipBlank() { // a block of blank lines
		if err := s.next(ctx, &r.first); err != nil {
			return noHeader(err)
		}
		scan = r.scanner(r.first, scan.out)
		scan.out.names = nil
	}
	line := scan.line
	if err := scan.row(); err != nil {
		return err
	}
	names, err := checkHeader(scan.out, line)
	if err != nil {
		return err
	}
	if r.names != nil && !slices.Equal(r.names, names) {
		return &CSVError{Line: line, Reason: "the header changed while the file was read"}
	}
	r.names = names
	r.first = block{data: r.first.data[scan.pos:], line: scan.line}
	if r.kinds == nil {
		r.kinds, err = r.config.kindsOf(names)
	}
	return err
}

// kindsOf returns the kinds that are given, 0 for those that are not.
func (cfg CSVConfig) kindsOf(names []string) ([]Kind, error) {
	given := map[string]Kind{}
	if cfg.Schema.Fits(names) {
		given = cfg.Schema.Kinds()
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Kinds)) {
		if !slices.Contains(names, name) {
			return nil, NewColumnError(name, names)
		}
		given[name] = cfg.Kinds[name]
	}
	kinds := make([]Kind, len(names))
	for i, name := range names {
		kinds[i] = given[name]
	}
	return kinds, nil
}

func (r *csvRead) scanner(b block, out *records) *scanner {
	out.data, out.names, out.cells, out.rows, out.lines = b.data, r.names, out.cells[:0], 0, out.lines[:0]
	return &scanner{classes: r.classes, limits: r.config.Limits, data: b.data, line: b.line, out: out}
}

func (r *csvRead) partial(data []byte, line int) *CSVError {
	s := r.scanner(block{data, line}, &records{})
	s.partial = true
	return s.scan()
}

// next yields the rest of the header's block first.
func (r *csvRead) next(s *splitter) func(context.Context, *block) error {
	return func(ctx context.Context, b *block) error {
		if len(r.first.data) > 0 {
			*b, r.first = r.first, block{}
			return nil
		}
		return s.next(ctx, b)
	}
}

// batches yields the rows as tables.
func (r *csvRead) batches(ctx context.Context, s *splitter, yield func(*Table) bool) error {
	for tables, err := range ordered(ctx, r.next(s), r.parser) {
		if err != nil {
			return err
		}
		for _, t := range tables {
			if err := cmp.Or(ctx.Err(), r.count(t.rows, t.Line)); err != nil {
				return err
			}
			if !yield(t) {
				return nil
			}
		}
	}
	if r.rows == 0 {
		empty := records{names: r.names}
		t, _ := empty.table(r.kinds, 0, 0)
		yield(t)
	}
	return nil
}

func (r *csvRead) parser() func(*block) ([]*Table, error) {
	out := &records{}
	return func(b *block) ([]*Table, error) {
		scan := r.scanner(*b, out)
		fault := scan.scan()
		var tables []*Table
		for low := 0; low < out.rows; low += r.config.BatchRows {
			t, bad := out.table(r.kinds, low, min(low+r.config.BatchRows, out.rows))
			if bad != nil {
				return nil, badNumber(*bad, out.lines.at(bad.row), r.names[bad.column])
			}
			tables = append(tables, t)
		}
		if fault != nil {
			return nil, fault
		}
		return tables, nil
	}
}

// count takes in the rows of a batch and checks their number.
func (r *csvRead) count(rows int, line func(row int) int) error {
	limit := r.config.Limits.MaxRows
	if r.rows += rows; limit == 0 || r.rows <= limit {
		return nil
	}
	return &CSVError{
		Line: line(limit - (r.rows - rows)), Reason: fmt.Sprintf("more than %d rows", limit), Err: ErrTooLarge,
	}
}

func noHeader(err error) error {
	if errors.Is(err, io.EOF) {
		return &CSVError{Reason: "the file is empty", Hint: "its first row must name the columns"}
	}
	return err
}

func badNumber(bad badCell, line int, column string) *CSVError {
	reason, hint := notNumber(bad.text)
	return &CSVError{Line: line, Column: column, Reason: reason, Hint: hint}
}
