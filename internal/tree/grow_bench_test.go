package tree

import "testing"

// BenchmarkGrow prints, beside the time, the error that is bought with it.
func BenchmarkGrow(b *testing.B) {
	const train = 37_000
	cases := []struct {
		name  string
		punch bool
		cfg   Config
	}{
		{"full", false, Config{Trees: 20}},
		{"missing", true, Config{Trees: 20}},
		{"depth 12", false, Config{Trees: 20, MaxDepth: 12}},
		{"3 columns a split", false, Config{Trees: 20, MaxFeatures: 3}},
	}
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			columns, y := housing(train+5000, 1)
			if c.punch {
				punch(columns)
			}
			b.ReportAllocs()
			var f *Forest
			for b.Loop() {
				f = grow(b, cut(columns, 0, train), y[:train], c.cfg)
			}
			predicted := make([]float64, 5000)
			f.Ensemble.Evaluate(predicted, rowsOf(cut(columns, train, len(y))))
			b.ReportMetric(r2(y[train:], predicted), "R2")
			b.ReportMetric(float64(f.nodes()), "nodes")
		})
	}
}
