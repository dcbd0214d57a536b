package tree

import "testing"

func BenchmarkEncoding(b *testing.B) {
	columns, y := housing(37_000, 1)
	f := grow(b, columns, y, Config{Trees: 20})
	encoded := encode(b, f.Ensemble)
	b.Run("encode", func(b *testing.B) {
		for b.Loop() {
			encode(b, f.Ensemble)
		}
		b.ReportMetric(float64(len(encoded))/float64(f.nodes()), "bytes/node")
	})
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Decode(b.Context(), encoded); err != nil {
				b.Fatal(err)
			}
		}
	})
}
