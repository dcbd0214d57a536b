package report

import (
	"math"
	"strings"
	"testing"
)

func TestNumbersForReaders(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, tc := range []struct{ got, want string }{
		{count(0), "0"},
		{count(999), "999"},
		{count(1000), "1,000"},
		{count(1234567), "1,234,567"},
		{count(-1234), "-1,234"},
		{number(0), "0"},
		{number(nan), "n/a"},
		{number(inf), "n/a"},
		{number(108997.6), "108,998"},
		{number(770.94), "770.9"},
		{number(-57.006), "-57.01"},
		{number(0.0123456), "0.0123"},
		{number(-0.00765), "-0.00765"},
		{number(0.0000188), "0.0000188"},
		{number(1.88e-9), "1.88e-09"},
		{number(1.5e15), "1.5e+15"},
		{observed(18), "18"},
		{observed(72783.75), "72,784"},
		{observed(0.5), "0.500"},
		{observed(-1e300), "-1e+300"},
		{observed(nan), "n/a"},
		{limits{1893, 1996}.observed(1957), "1957"},
		{limits{1893, 1996}.number(1968.81), "1969"},
		{limits{1799, 1996}.observed(1957), "1,957"},
		{limits{1893, 2200}.observed(1957), "1,957"},
		{limits{}.observed(1957), "1,957"},
		{limits{nan, nan}.number(nan), "n/a"},
		{percent(0.1234), "12.3%"},
		{percent(-0.00001), "0.0%"},
		{percent(12.5), "1,250.0%"},
		{percent(nan), "n/a"},
		{percentOf(1, 0), "n/a"},
		{percentOf(1, 3), "33.3%"},
		{points(41.52), "41.5%"},
		{score(-0.0004), "0.000"},
		{score(-0.0424), "-0.042"},
		{score(-123456.7), "-123,457"},
		{score(nan), "n/a"},
		{probability(0.0001), "< 0.001"},
		{probability(0.0474), "0.047"},
		{probability(nan), "n/a"},
		{correlation(-0.004), "0.00"},
		{correlation(-0.43), "-0.43"},
		{correlation(nan), "n/a"},
		{counted(1, "row", "rows"), "1 row"},
		{counted(2000, "row", "rows"), "2,000 rows"},
	} {
		if tc.got != tc.want {
			t.Errorf("got %q, want %q", tc.got, tc.want)
		}
	}
}

func TestWordsForNumbers(t *testing.T) {
	for _, tc := range []struct{ got, want string }{
		{compared(0.1), "average"},
		{compared(-0.5), "below"},
		{compared(1), "well above"},
		{compared(-1.5), "far below"},
		{compared(math.NaN()), "n/a"},
		{evidence(0.0005), "very strong evidence of an effect"},
		{evidence(0.005), "strong evidence of an effect"},
		{evidence(0.04), "some evidence of an effect"},
		{evidence(0.05), "no clear effect"},
		{evidence(math.NaN()), "n/a"},
		{strength(0.05), "next to none"},
		{strength(-0.2), "weak, one rises as the other falls"},
		{strength(0.5), "moderate, they rise together"},
		{strength(1), "strong, they rise together"},
		{width(math.NaN()), "0.0"},
		{width(1.7), "100.0"},
		{width(-0.2), "0.0"},
	} {
		if tc.got != tc.want {
			t.Errorf("got %q, want %q", tc.got, tc.want)
		}
	}
}

func TestLargestKeepsOrderOfEquals(t *testing.T) {
	got := strings.Join(largest([]string{"b", "aa", "c", "dd"}, 3, func(s string) float64 { return float64(len(s)) }), " ")
	if got != "aa dd b" {
		t.Errorf("got %q, want %q", got, "aa dd b")
	}
}
