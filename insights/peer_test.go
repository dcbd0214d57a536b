package insights_test

import (
	"fmt"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/insights"
	"github.com/cohortlens/cohortlens/internal/testkit"
)

const peerColumns = 20

// BenchmarkPeer does what bench/peers/drift.py does, on the same bits: it profiles
// two tables and compares them.
func BenchmarkPeer(b *testing.B) {
	b.Run("drift", func(b *testing.B) {
		then, now := peerTable(b, "drift.then"), peerTable(b, "drift.now")
		var d *insights.Drift
		for b.Loop() {
			d = check(b, profile(b, then, insights.ProfileConfig{}), profile(b, now, insights.ProfileConfig{}), insights.DriftConfig{})
		}
		ks, bounds, psi := make([]float64, peerColumns), make([]float64, peerColumns), make([]float64, peerColumns)
		for _, c := range d.Columns {
			var i int
			if _, err := fmt.Sscanf(c.Column, "x%d", &i); err != nil {
				b.Fatal(err)
			}
			ks[i], bounds[i], psi[i] = c.Numbers.KS, c.Numbers.KSError, c.PSI
		}
		testkit.PeerAnswer(b, map[string]any{"ks": ks, "ks_error": bounds, "psi": psi}, nil)
	})
}

// peerTable reads a table that is stored column by column.
func peerTable(b *testing.B, name string) *datasource.Table {
	b.Helper()
	x := testkit.PeerFloats(b, name)
	rows := len(x) / peerColumns
	columns := make([]datasource.Column, peerColumns)
	for i := range columns {
		columns[i] = datasource.Numbers(fmt.Sprint("x", i), x[i*rows:(i+1)*rows])
	}
	return newTable(b, columns...)
}
