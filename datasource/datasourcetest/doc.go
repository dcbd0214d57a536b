// Package datasourcetest checks implementations of [datasource.Source], and helps
// to test code that reads from one.
//
// [Run] is the conformance suite. An implementation passes it in a test of its
// own:
//
//	func TestConformance(t *testing.T) {
//		datasourcetest.Run(t, func(t *testing.T, want *datasource.Table) datasource.Source {
//			return mystore.Open(fill(t, want))
//		})
//	}
//
// [Faulty], [Slow] and [InBatches] are sources that break, dawdle, or come in
// small pieces; [Diff] says how two tables differ.
package datasourcetest
