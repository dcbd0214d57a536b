package datasource_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
)

// customersCSV makes a customer file of n rows without a fault.
func customersCSV(n int) []byte {
	rng := rand.New(rand.NewPCG(1, 2))
	jobs := []string{"Healthcare", "Engineer", "Lawyer", "Entertainment", "Artist", "Executive", "Doctor", "Homemaker", "Marketing"}
	var b strings.Builder
	b.WriteString("CustomerID,Gender,Age,Annual Income ($),Spending Score (1-100),Profession,Work Experience,Family Size\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,%s,%d,%d,%d,%s,%d,%d\n", i+1, []string{"Male", "Female"}[rng.IntN(2)], 18+rng.IntN(82),
			10_000+rng.IntN(180_000), rng.IntN(101), jobs[rng.IntN(len(jobs))], rng.IntN(18), 1+rng.IntN(9))
	}
	return []byte(b.String())
}

func BenchmarkLoadCSV(b *testing.B) {
	const rows = 100_000
	text := customersCSV(rows)
	for name, cfg := range map[string]datasource.CSVConfig{"schema": {Schema: datasource.CustomerSchema()}, "inferred": {}} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				table, err := datasource.Load(b.Context(), datasource.NewCSVBytes("bench", text, cfg))
				if err != nil || table.Rows() != rows {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkPrepare(b *testing.B) {
	const rows = 100_000
	schema := datasource.CustomerSchema()
	table, err := datasource.Load(b.Context(), datasource.NewCSVBytes("bench", customersCSV(rows), datasource.CSVConfig{Schema: schema}))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, q, err := datasource.Prepare(b.Context(), table, schema, datasource.Drop); err != nil || q.Kept != rows {
			b.Fatal(q.Kept, err)
		}
	}
}

// A row must cost no allocation: twice the rows may cost more batches, and each
// batch has a fixed number of allocations.
func TestLoadAllocatesByBatchNotByRow(t *testing.T) {
	if testing.Short() {
		t.Skip("makes files of 100,000 rows")
	}
	cfg := datasource.CSVConfig{Schema: datasource.CustomerSchema()}
	count := func(rows int) float64 {
		text := customersCSV(rows)
		return testing.AllocsPerRun(3, func() {
			if _, err := datasource.Load(t.Context(), datasource.NewCSVBytes("x", text, cfg)); err != nil {
				t.Fatal(err)
			}
		})
	}
	if few, many := count(50_000), count(100_000); many-few > 5_000 {
		t.Errorf("50,000 rows more cost %.0f allocations", many-few)
	}
}
