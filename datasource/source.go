package datasource

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

// Source is a table that may be larger than memory, read in batches. It is the
// one interface to implement for a new kind of storage; package datasourcetest
// checks an implementation.
type Source interface {
	// Batches reads the source from its start. Every batch has at least one
	// row and the same columns, by name, kind and order. A source without
	// rows yields one batch of no rows, so that its columns are known. An
	// error ends the sequence; no batch follows it. The sequence ends soon
	// after ctx does, with ctx's error, and releases what it holds when the
	// caller stops early.
	//
	// A source that can be read only once, such as a pipe, yields
	// [ErrConsumed] the second time.
	Batches(ctx context.Context) iter.Seq2[*Table, error]
}

// Load reads a whole source into one table. It returns no table on an error.
// Memory peaks at about twice the size of the columns.
func Load(ctx context.Context, src Source) (*Table, error) {
	var all gathered
	for batch, err := range src.Batches(ctx) {
		if err != nil {
			return nil, err
		}
		if err := all.add(batch); err != nil {
			return nil, err
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if all.first == nil {
		return nil, errors.New("datasource: the source yielded no batch, not even an empty one")
	}
	return all.join(), nil
}

// gathered holds batches column by column, so that joining a column can free
// its parts before the next column is joined.
type gathered struct {
	first *Table
	parts [][]Column
	rows  int
	lines lineIndex
}

func (g *gathered) add(batch *Table) error {
	if batch == nil {
		return errors.New("datasource: the source yielded neither a batch nor an error")
	}
	if g.first == nil {
		g.first = batch
		g.parts = make([][]Column, len(batch.columns))
	} else if err := sameColumns(g.first, batch); err != nil {
		return err
	}
	for i, c := range batch.columns {
		g.parts[i] = append(g.parts[i], c)
	}
	batch.lines.appendTo(&g.lines, g.rows)
	g.rows += batch.rows
	return nil
}

func (g *gathered) join() *Table {
	if len(g.parts[0]) == 1 {
		return g.first
	}
	out := &Table{columns: make([]Column, len(g.parts)), index: g.first.index, rows: g.rows, lines: g.lines}
	g.first = nil
	for i, parts := range g.parts {
		out.columns[i] = concat(parts)
		g.parts[i] = nil
	}
	return out
}

func sameColumns(a, b *Table) error {
	if len(a.columns) != len(b.columns) {
		return fmt.Errorf("datasource: batches differ: %d columns, then %d", len(a.columns), len(b.columns))
	}
	for i := range a.columns {
		x, y := a.columns[i], b.columns[i]
		if x.name != y.name || x.kind != y.kind {
			return fmt.Errorf("datasource: batches differ: column %d is %s %s, then %s %s", i+1, x.kind, quoted(x.name), y.kind, quoted(y.name))
		}
	}
	return nil
}

// appendTo adds the lines of a batch that starts at row base of a joined table.
func (x lineIndex) appendTo(out *lineIndex, base int) {
	out.add(base, x.at(0))
	for _, b := range x {
		out.add(base+b.row, b.line)
	}
}
