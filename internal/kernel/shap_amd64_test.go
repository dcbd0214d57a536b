//go:build amd64 && !purego

package kernel

import "testing"

func TestPatternsWithoutAVX2(t *testing.T) {
	defer func(v bool) { hasAVX2 = v }(hasAVX2)
	hasAVX2 = false
	t.Run("split", TestSplitPatterns)
	t.Run("add", TestAddPatterns)
}
