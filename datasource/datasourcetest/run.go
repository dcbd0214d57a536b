package datasourcetest

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/cohortlens/cohortlens/datasource"
)

// Feature is something that some sources cannot hold.
type Feature string

// Features that [Without] takes out of the suite.
const (
	// NoRows is a table with columns and no row.
	NoRows Feature = "no rows"
	// HostileText is text that looks like syntax: quotes, delimiters, SQL,
	// mark-up, blanks at its ends.
	HostileText Feature = "hostile text"
	// LineBreaks are line feeds and carriage returns within a cell.
	LineBreaks Feature = "line breaks"
	// Wide is a table of 200 columns.
	Wide Feature = "wide"
)

// Factory returns a source of exactly the rows of a table, in its kinds.
type Factory func(t *testing.T, want *datasource.Table) datasource.Source

// Option adapts [Run] to what a source is.
type Option func(*suite)

// OneShot is for sources that can be read once: the second read must yield
// [datasource.ErrConsumed].
func OneShot() Option { return func(s *suite) { s.oneShot = true } }

// Without leaves out tables that a source cannot hold.
func Without(features ...Feature) Option {
	return func(s *suite) { s.without = append(s.without, features...) }
}

type suite struct {
	source  Factory
	oneShot bool
	without []Feature
}

// Run checks that sources made by newSource keep the contract of
// [datasource.Source]: what they yield, in which batches, again and again, from
// several goroutines, and how they end when the caller stops or the context does.
// It counts goroutines, so it must not run in parallel with other tests.
func Run(t *testing.T, newSource func(t *testing.T, want *datasource.Table) datasource.Source, options ...Option) {
	s := &suite{source: newSource}
	for _, option := range options {
		option(s)
	}
	for _, e := range examples {
		if slices.Contains(s.without, e.feature) {
			continue
		}
		t.Run(e.name, func(t *testing.T) { s.content(t, e.make(t)) })
	}
	t.Run("caller stops early", s.stopEarly)
	t.Run("context ended before", s.endedBefore)
	t.Run("context ends between batches", s.endsBetween)
	t.Run("several readers", s.severalReaders)
}

// content reads a source twice.
func (s *suite) content(t *testing.T, want *datasource.Table) {
	src := s.source(t, want)
	checkBatches(t, src, want)
	got, err := datasource.Load(t.Context(), src)
	if s.oneShot {
		if !errors.Is(err, datasource.ErrConsumed) {
			t.Errorf("second read: want ErrConsumed, got %v", err)
		}
		if got, err = datasource.Load(t.Context(), s.source(t, want)); err != nil {
			t.Fatal(err)
		}
	}
	if err != nil {
		t.Fatalf("second read: %v", err)
	}
	if d := Diff(want, got); d != "" {
		t.Errorf("Load: %s", d)
	}
}

// checkBatches reads a source and checks each batch against its part of want.
func checkBatches(t *testing.T, src datasource.Source, want *datasource.Table) {
	t.Helper()
	rows, batches := 0, 0
	for batch, err := range src.Batches(t.Context()) {
		if err != nil {
			t.Fatalf("batch %d: %v", batches+1, err)
		}
		batches++
		if batch == nil {
			t.Fatalf("batch %d: neither a table nor an error", batches)
		}
		if batch.Rows() == 0 && (want.Rows() > 0 || batches > 1) {
			t.Fatalf("batch %d has no rows", batches)
		}
		if rows+batch.Rows() > want.Rows() {
			t.Fatalf("more than %d rows", want.Rows())
		}
		part := make([]int, batch.Rows())
		for i := range part {
			part[i] = rows + i
		}
		if d := Diff(want.Take(part), batch); d != "" {
			t.Fatalf("batch %d: %s", batches, d)
		}
		rows += batch.Rows()
	}
	if batches == 0 || rows != want.Rows() {
		t.Errorf("want %d rows, got %d in %d batches", want.Rows(), rows, batches)
	}
}

func (s *suite) stopEarly(t *testing.T) {
	want := manyRows(t)
	src := s.source(t, want)
	before := runtime.NumGoroutine()
	for _, err := range src.Batches(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	checkGoroutines(t, before)
	if !s.oneShot {
		checkBatches(t, src, want)
	}
}

func (s *suite) endedBefore(t *testing.T) {
	src := s.source(t, manyRows(t))
	before := runtime.NumGoroutine()
	cause := context.Canceled
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	batches := 0
	for batch, err := range src.Batches(ctx) {
		batches++
		if batch != nil || !errors.Is(err, cause) {
			t.Errorf("want no table and %v, got %v, %v", cause, batch, err)
		}
	}
	if batches != 1 {
		t.Errorf("want one error, got %d yields", batches)
	}
	checkGoroutines(t, before)
}

// endsBetween cancels during the first batch. At most one more may be on its way.
func (s *suite) endsBetween(t *testing.T) {
	want := manyRows(t)
	src := s.source(t, want)
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	rows, batches := 0, 0
	var end error
	for batch, err := range src.Batches(ctx) {
		if end = err; err != nil {
			continue
		}
		cancel()
		rows += batch.Rows()
		batches++
	}
	if batches > 2 {
		t.Errorf("%d batches after the context ended", batches-1)
	}
	if rows < want.Rows() && !errors.Is(end, context.Canceled) {
		t.Errorf("the sequence ended after %d of %d rows with %v", rows, want.Rows(), end)
	}
	checkGoroutines(t, before)
}

// severalReaders reads one source from several goroutines. Of a source that can
// be read once, one of them gets the rows.
func (s *suite) severalReaders(t *testing.T) {
	want := manyRows(t)
	src := s.source(t, want)
	type result struct {
		table *datasource.Table
		err   error
	}
	const readers = 4
	results := make(chan result, readers)
	for range readers {
		go func() {
			table, err := datasource.Load(t.Context(), src)
			results <- result{table, err}
		}()
	}
	read := 0
	for range readers {
		got := <-results
		switch {
		case got.err == nil:
			read++
			if d := Diff(want, got.table); d != "" {
				t.Error(d)
			}
		case !s.oneShot || !errors.Is(got.err, datasource.ErrConsumed):
			t.Error(got.err)
		}
	}
	if s.oneShot && read != 1 {
		t.Errorf("%d readers of a source that can be read once got its rows", read)
	}
}

// checkGoroutines waits until no more goroutines run than before; they may take
// a moment to end, but not for ever.
func checkGoroutines(t *testing.T, before int) {
	t.Helper()
	const patience = 5 * time.Second
	for start := time.Now(); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Since(start) > patience {
			stacks := make([]byte, 1<<20)
			t.Fatalf("goroutines: %d before, %d after\n%s", before, runtime.NumGoroutine(), stacks[:runtime.Stack(stacks, true)])
		}
	}
}
