package cli

import (
	"math"
	"testing"
)

func TestBar(t *testing.T) {
	for share, want := range map[float64]string{
		0: "", -1: "", 1: "████", 2: "████", 0.5: "██", 0.25: "█", 1e-9: "▏", 3.0 / 32: "▍", 0.3125: "█▎",
	} {
		if got := bar(share, 4); got != want {
			t.Errorf("%v: got %q, want %q", share, got, want)
		}
	}
	if got := bar(math.NaN(), 4); got != "" {
		t.Errorf("NaN: got %q", got)
	}
}

func TestSteps(t *testing.T) {
	s := newSteps(10, 0, 5, 10)
	for _, test := range []struct {
		from, to float64
		want     string
	}{{0, 10, "██████████"}, {5, 10, "     █████"}, {10, 5, "     ░░░░░"}, {5, 5.01, "     █"}, {10, 10, "         █"}, {2, 0, "░░"}} {
		if got := s.draw(test.from, test.to); got != test.want {
			t.Errorf("%v to %v: got %q, want %q", test.from, test.to, got, test.want)
		}
	}
	if got := newSteps(10, 3, 3).draw(3, 3); got != "█" {
		t.Errorf("no change at all: got %q", got)
	}
}
