package store_test

import (
	"fmt"
	"testing"

	"github.com/cohortlens/cohortlens/adapters/store"
	"github.com/cohortlens/cohortlens/adapters/store/storetest"
	"github.com/cohortlens/cohortlens/datasource"
)

const benchmarkRows = 200_000

// BenchmarkImport imports customers: into an empty database, with ten attributes
// each, and in the place of others who all differ.
func BenchmarkImport(b *testing.B) {
	table := storetest.ManyCustomers(b, benchmarkRows)
	changed := with(b, table, datasource.Numbers(datasource.Age, make([]float64, benchmarkRows)))
	for name, make := range newURL {
		b.Run(name, func(b *testing.B) { benchmarkImport(b, make, nil, table) })
		b.Run(name+"/attributes", func(b *testing.B) { benchmarkImport(b, make, nil, withAttributes(b, table)) })
		b.Run(name+"/changed", func(b *testing.B) { benchmarkImport(b, make, table, changed) })
	}
}

func benchmarkImport(b *testing.B, newURL func(testing.TB) string, before, table *datasource.Table) {
	for b.Loop() {
		b.StopTimer()
		s := open(b, newURL(b), store.Options{})
		if before != nil {
			importInto(b, s, before)
		}
		b.StartTimer()
		importInto(b, s, table)
	}
	b.ReportMetric(benchmarkRows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func importInto(b *testing.B, s *store.Store, table *datasource.Table) {
	b.Helper()
	if _, err := s.ImportCustomers(b.Context(), store.Actor{}, table, store.ImportOptions{}); err != nil {
		b.Fatal(err)
	}
}

// withAttributes adds five columns of numbers and five of categories.
func withAttributes(b *testing.B, table *datasource.Table) *datasource.Table {
	b.Helper()
	numbers, categories := make([]float64, benchmarkRows), make([]string, benchmarkRows)
	for row := range numbers {
		numbers[row], categories[row] = float64(row%1000)/8, []string{"north", "south", "east", "west"}[row%4]
	}
	for i := range 5 {
		table = with(b, table, datasource.Numbers(fmt.Sprint("number ", i), numbers))
		table = with(b, table, datasource.Categories(fmt.Sprint("category ", i), categories))
	}
	return table
}

func with(b *testing.B, table *datasource.Table, c datasource.Column) *datasource.Table {
	b.Helper()
	table, err := table.With(c)
	if err != nil {
		b.Fatal(err)
	}
	return table
}
