package datasource

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// The oracle is strconv.ParseFloat on the texts that the grammar allows.
func checkNumber(t *testing.T, text string) {
	t.Helper()
	got, ok := parseNumber([]byte(text))
	want, err := strconv.ParseFloat(text, 64)
	plain := err == nil && !strings.ContainsAny(text, "xXpP_nN")
	if ok != plain {
		t.Fatalf("%q: want a number %v, got %v", text, plain, ok)
	}
	if ok && math.Float64bits(got) != math.Float64bits(want) {
		t.Fatalf("%q: want %v, got %v", text, want, got)
	}
}

func TestParseNumberCorners(t *testing.T) {
	for _, text := range []string{
		"", "+", "-", ".", "e5", ".e5", "1e", "1e+", "1e-", "--1", "+-1", "1.2.3", "1e5.0", "1 ", " 1", "1,5", "0x10", "1_0",
		"0", "-0", "+0", "00", "007", "5.", ".5", "-.5e-3", "+1E5", "1e22", "1e23", "1e-22", "1e-23", "9007199254740993",
		"999999999999999", "1000000000000000", "123456789012345678901234567890", "0.000000000000000000000000000001",
		"1.7976931348623157e308", "1.7976931348623159e308", "4.9e-324", "1e-400", "1e309", "1e999999999999", "1e-999999999999",
		"0e999999999999", "0." + strings.Repeat("0", 400) + "1e400", strings.Repeat("9", 400), "NaN", "inf", "Infinity", "nan", "٣",
	} {
		checkNumber(t, text)
	}
}

func TestParseNumberEqualsParseFloat(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		v := math.Float64frombits(rng.Uint64())
		checkNumber(t, strconv.FormatFloat(v, 'g', -1, 64))
		checkNumber(t, strconv.FormatFloat(rng.Float64()*1e6, 'f', rng.IntN(12), 64))
		checkNumber(t, strconv.FormatUint(rng.Uint64()>>rng.UintN(64), 10)+"e"+strconv.Itoa(rng.IntN(60)-30))
	}
}

func FuzzParseNumber(f *testing.F) {
	for _, text := range []string{"1", "-1.5e10", "0012", ".5", "1e309", "0x1p-2", "1_000", "9007199254740993", "1.e", "e"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		checkNumber(t, text)
		if hint := numberHint([]byte(text)); hint != "" {
			if _, ok := parseNumber([]byte(text)); ok {
				t.Errorf("%q is a number and has the hint %q", text, hint)
			}
		}
	})
}

func TestFormatReadsBack(t *testing.T) {
	for text, v := range map[string]float64{
		"0": 0, "1": 1, "-2.5": -2.5, "1000000": 1e6, "123456789012345680000": 123456789012345678901,
		"1e+21": 1e21, "0.000001": 1e-6, "1e-07": 1e-7, "5e-324": 5e-324,
	} {
		if got := format(v); got != text {
			t.Errorf("%v: want %s, got %s", v, text, got)
		}
		if back, ok := parseNumber([]byte(text)); !ok || back != v {
			t.Errorf("%s: read back as %v", text, back)
		}
	}
}

func TestHashSetCountsDistinctValues(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var set hashSet
	oracle := map[uint64]bool{}
	for range 20_000 {
		h := rng.Uint64N(9_000) << rng.UintN(50)
		set.add(h)
		oracle[max(h, 1)] = true // 0 and 1 are one hash
		if set.n != len(oracle) {
			t.Fatalf("want %d values, got %d", len(oracle), set.n)
		}
	}
	set.each(func(h uint64) { delete(oracle, h) })
	if len(oracle) > 0 {
		t.Errorf("%d values were lost", len(oracle))
	}
}

// lineIndex keeps only breaks; it must answer as a plain list of lines does.
func TestLineIndexEqualsAList(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 200 {
		var index, joined lineIndex
		lines := make([]int, 1+rng.IntN(50))
		line := 1 + rng.IntN(3)
		for row := range lines {
			lines[row] = line
			index.add(row, line)
			line += 1 + rng.IntN(4)/3
		}
		index.appendTo(&joined, 0)
		index.appendTo(&joined, len(lines))
		for row, want := range lines {
			for _, got := range []int{index.at(row), joined.at(row), joined.at(len(lines) + row)} {
				if got != want {
					t.Fatalf("row %d of %v: want %d, got %d", row, lines, want, got)
				}
			}
		}
	}
}

func TestLastRowEnd(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "a": 0, "a\n": 2, "a\nb": 2, "\"a\n": 0, "x\n\"a\n": 2, "\"a\n\"\n": 5, "\"a\n\",\"\n": 0, "\"\"\"\n\"\nb": 6, "\"\"\n\"": 3,
	} {
		if got := lastRowEnd([]byte(text)); got != want {
			t.Errorf("%q: want %d, got %d", text, want, got)
		}
	}
}

// A column of digits alone takes a short way to its numbers.
func TestWholeNumbersEqualStrconv(t *testing.T) {
	for length := 1; length <= 40; length++ {
		for _, digit := range "0123456789" {
			text := strings.Repeat(string(digit), length)
			got, ok := wholeNumber([]byte(text))
			want, err := strconv.ParseFloat(text, 64)
			if err != nil {
				t.Fatal(err)
			}
			if ok && got != want || ok != (length <= exactDigits) {
				t.Errorf("%s: got %v, %v, want %v", text, got, ok, want)
			}
		}
	}
	for _, text := range []string{"", "-1", "+1", "1.", "1e3", " 1", "1 ", "/", ":"} {
		if v, ok := wholeNumber([]byte(text)); ok {
			t.Errorf("%q is read as the digits %v", text, v)
		}
	}
}
