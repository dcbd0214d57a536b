package service

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/adapters/config"
	"github.com/cohortlens/cohortlens/datasource"
)

// crowd writes customers around two centres, every thousandth of them without an
// income.
func crowd(t *testing.T, rows int) string {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	b.WriteString("ID,Age,Income,\"a \"\"note\"\"\nof two lines\"\n")
	for i := range rows {
		age, income := 20+random.Float64(), fmt.Sprint(1000+100*random.Float64())
		if i%3 == 0 {
			age, income = 60+random.Float64(), fmt.Sprint(9000+100*random.Float64())
		}
		if i%1000 == 999 {
			income = ""
		}
		fmt.Fprintf(&b, "%06d,%v,%s,x%d\n", i, age, income, i%2)
	}
	return writeFile(t, "crowd.csv", b.String())
}

// saveModel fits two groups and returns the file of the model.
func saveModel(t *testing.T, s *Service) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "model.json")
	if _, err := s.Segment(context.Background(), SegmentRequest{Data: writeFile(t, "two.csv", twoGroups), Model: path}); err != nil {
		t.Fatal(err)
	}
	return path
}

func twoClusters(c *config.Config) { c.Models.Segmentation.Clusters = 2 }

// A file of several batches is written as one table: one header, every row once
// and in order.
func TestAssignStreams(t *testing.T) {
	const rows = 40_000
	s := newService(t, Options{}, twoClusters)
	out := filepath.Join(t.TempDir(), "out.csv")
	d, err := s.Assign(context.Background(), AssignRequest{Model: saveModel(t, s), Customers: crowd(t, rows), Out: out})
	if err != nil {
		t.Fatal(err)
	}
	if d.Rows != rows || d.Incomplete != rows/1000 || d.Noise != 0 || d.Assignments != nil {
		t.Errorf("got %d rows, %d incomplete, %d noise, %d assignments", d.Rows, d.Incomplete, d.Noise, len(d.Assignments))
	}
	table, err := datasource.Load(context.Background(), datasource.NewCSVFile(out, datasource.CSVConfig{
		Kinds: map[string]datasource.Kind{"customer_id": datasource.Text, "cluster": datasource.Text},
	}))
	if err != nil {
		t.Fatal(err)
	}
	if names := fmt.Sprintf("%q", table.Names()); names != `["customer_id" "cluster" "label" "Age" "Income" "a \"note\"\nof two lines"]` {
		t.Errorf("the columns are %s", names)
	}
	ids, _ := table.Column("customer_id")
	clusters, _ := table.Column("cluster")
	if table.Rows() != rows {
		t.Fatalf("the file has %d rows", table.Rows())
	}
	for i := range rows {
		want := "0"
		switch {
		case i%1000 == 999:
			want = "-1"
		case i%3 == 0:
			want = "1"
		}
		if ids.Cell(i) != fmt.Sprintf("%06d", i) || clusters.Cell(i) != want {
			t.Fatalf("row %d: customer %s in %s, want %s", i, ids.Cell(i), clusters.Cell(i), want)
		}
	}
}

// The document has the same assignments as the file.
func TestAssignWithoutFile(t *testing.T) {
	const rows = 20_000
	s := newService(t, Options{}, twoClusters)
	d, err := s.Assign(context.Background(), AssignRequest{Model: saveModel(t, s), Customers: crowd(t, rows)})
	if err != nil {
		t.Fatal(err)
	}
	sizes := 0
	for _, g := range d.Segments {
		sizes += g.Size
	}
	if len(d.Assignments) != rows || sizes+d.Incomplete != rows || d.Out != "" {
		t.Fatalf("%d assignments, %d in segments, %d incomplete", len(d.Assignments), sizes, d.Incomplete)
	}
	if a := d.Assignments[17_001]; a.CustomerID != "017001" || a.Cluster != 1 {
		t.Errorf("customer 17001: got %+v", a)
	}
}

func TestAssignWritesAllOrNothing(t *testing.T) {
	s := newService(t, Options{}, twoClusters)
	model, customers := saveModel(t, s), crowd(t, 20_000)
	f, err := os.OpenFile(customers, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("cut,1\n"); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	_, err = s.Assign(context.Background(), AssignRequest{Model: model, Customers: customers, Out: filepath.Join(dir, "new", "out.csv")})
	if input := (*InputError)(nil); !errors.As(err, &input) || !strings.Contains(err.Error(), "line 20003") {
		t.Errorf("got %v, want an *InputError with the line", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = s.Assign(ctx, AssignRequest{Model: model, Customers: crowd(t, 10), Out: filepath.Join(dir, "new", "out.csv")})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of the context: got %v", err)
	}
	if left := tree(t, dir); len(left) != 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestAssignNamesByLineWithoutID(t *testing.T) {
	s := newService(t, Options{}, twoClusters)
	d, err := s.Assign(context.Background(), AssignRequest{
		Model: saveModel(t, s), Customers: writeFile(t, "x.csv", "Age,Income\n20.5,1000\n\n61.5,9000\n"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(d.Assignments[0].CustomerID, " ", d.Assignments[1].CustomerID); got != "2 4" || !strings.Contains(strings.Join(d.Notes, " "), "no ID column") {
		t.Errorf("got %s, notes %q", got, d.Notes)
	}
}

func TestSkipper(t *testing.T) {
	for skip, want := range map[int]string{0: "abcdef", 1: "bcdef", 3: "def", 4: "ef", 6: "", 9: ""} {
		var b bytes.Buffer
		s := &skipper{&b, skip}
		for _, part := range []string{"abc", "", "def"} {
			if n, err := io.WriteString(s, part); n != len(part) || err != nil {
				t.Errorf("skip %d: wrote %d of %q, %v", skip, n, part, err)
			}
		}
		if b.String() != want {
			t.Errorf("skip %d: got %q, want %q", skip, b.String(), want)
		}
	}
}
