package store_test

import (
	"testing"

	"github.com/cohortlens/cohortlens/adapters/store"
	"github.com/cohortlens/cohortlens/adapters/store/storetest"
)

func BenchmarkImport(b *testing.B) {
	table := storetest.ManyCustomers(b, 200_000)
	for name, make := range newURL {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				s := open(b, make(b), store.Options{})
				b.StartTimer()
				if _, err := s.ImportCustomers(b.Context(), store.Actor{}, table, store.ImportOptions{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(200_000*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
