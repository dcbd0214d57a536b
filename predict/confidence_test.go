package predict

import (
	"math"
	"testing"
)

func TestConfidence(t *testing.T) {
	sure := &Predictor{verdict: StrongSkill, widths: widths{method: ConstantWidth, spread: 100}}
	none := &Predictor{verdict: NoSkill, widths: sure.widths}
	without := &Predictor{verdict: StrongSkill}
	tests := []struct {
		p      *Predictor
		width  float64
		doubts int
		want   Confidence
	}{
		{sure, 0, 0, HighConfidence}, {sure, 50, 0, HighConfidence}, {sure, 51, 0, MediumConfidence}, {sure, 85, 0, MediumConfidence},
		{sure, 86, 0, LowConfidence}, {sure, 500, 0, LowConfidence},
		{sure, 50, 1, MediumConfidence}, {sure, 50, 2, LowConfidence}, {sure, 85, 1, LowConfidence}, {sure, 500, 7, LowConfidence},
		{none, 1, 0, LowConfidence}, {without, 0, 0, LowConfidence},
	}
	for _, tt := range tests {
		if got := tt.p.confidence(tt.width, tt.doubts); got != tt.want {
			t.Errorf("verdict %q, width %v, %d doubts: %q, want %q", tt.p.verdict, tt.width, tt.doubts, got, tt.want)
		}
	}
}

func TestDoubts(t *testing.T) {
	nan := math.NaN()
	age, gappy, never := knownNumber{20, 60, false}, knownNumber{20, 60, true}, knownNumber{math.Inf(1), math.Inf(-1), true}
	for _, tt := range []struct {
		n    knownNumber
		v    float64
		want int
	}{
		{age, 20, 0}, {age, 60, 0}, {age, 19.9, 1}, {age, 61, 1}, {age, 100, 1}, {age, 101, 2}, {age, -20, 1}, {age, -21, 2},
		{age, nan, 1}, {gappy, nan, 0}, {gappy, 61, 1}, {never, nan, 0}, {never, 5, 2},
	} {
		if got := tt.n.doubts(tt.v); got != tt.want {
			t.Errorf("%v in %+v: %d doubts, want %d", tt.v, tt.n, got, tt.want)
		}
	}
}

// The central range holds its share of the values, and no less.
func TestCentralRange(t *testing.T) {
	values := make([]float64, 100)
	for i := range values {
		values[i] = float64((i*37)%100 + 1)
	}
	for _, tt := range []struct{ share, want float64 }{{0.9, 91}, {0.5, 51}, {0.99, 99}, {0.01, 1}} {
		if got := centralRange(values, tt.share); got != tt.want {
			t.Errorf("share %v: width %v, want %v", tt.share, got, tt.want)
		}
	}
	if got := centralRange([]float64{7}, 0.9); got != 0 {
		t.Errorf("of one value: %v", got)
	}
}
