package segment

import (
	"fmt"
	"math"
)

// Config says how to segment. The zero value works.
type Config struct {
	// Algorithm is [KMeans] when empty.
	Algorithm Algorithm
	// Features names the numeric columns to segment by; all numeric columns of
	// the table when empty.
	Features []string
	// K is the number of segments; 0 chooses it from KMin to KMax by the
	// silhouette.
	K int
	// KMin and KMax bound the choice of K, both included; 2 and 10 when 0. The
	// upper bound gives way to the number of distinct rows less one.
	KMin, KMax int
	// Restarts is the number of starts of which the best counts; 10 when 0.
	Restarts int
	// MaxIterations bounds the iterations of one start; 300 when 0.
	MaxIterations int
	// Tolerance ends a start when the squared movements of the centres sum to
	// less than this share of the features' mean variance; 1e-4 when 0. The
	// winner is then iterated until no row changes its segment.
	Tolerance float64
	// References is the number of draws without structure that the verdict on
	// structure compares with, 5 to 1000; 19 when 0.
	References int
	// Seed makes the result reproducible; every value is as good.
	Seed uint64
	// Workers bounds the goroutines used; GOMAXPROCS when 0. The result does
	// not depend on it.
	Workers int
	// Recommend, if set, gives each segment its recommendation once all
	// segments have been described.
	Recommend func(Segment) string
	// Words replaces what labels say of a column, by the column's name.
	Words map[string]Words
	// Value names the features that together make a customer valuable. A
	// segment well above the table in all of them is labelled "high value",
	// one well below in all of them "low value".
	Value []string
	// Progress, if set, is called as work proceeds, never concurrently.
	Progress func(done, total int)
}

// Words are what a label says of a segment whose mean of a column is well above
// or below that of the whole table: "older" and "younger" for an age.
type Words struct{ High, Low string }

func (c Config) withDefaults() Config {
	set := func(p *int, v int) {
		if *p == 0 {
			*p = v
		}
	}
	if c.Algorithm == "" {
		c.Algorithm = KMeans
	}
	set(&c.KMin, 2)
	set(&c.KMax, max(10, c.KMin))
	set(&c.Restarts, 10)
	set(&c.MaxIterations, 300)
	set(&c.References, 19)
	if c.Tolerance == 0 {
		c.Tolerance = 1e-4
	}
	return c
}

// check refuses parameters out of range, by name.
func (c Config) check() error {
	if c.Algorithm != KMeans {
		return fmt.Errorf("segment: Algorithm must be %q, got %q", KMeans, c.Algorithm)
	}
	if c.K != 0 {
		if err := within("K", c.K, 1, math.MaxInt32); err != nil {
			return err
		}
	}
	for _, err := range []error{
		within("KMin", c.KMin, 2, math.MaxInt32),
		within("KMax", c.KMax, c.KMin, math.MaxInt32),
		within("Restarts", c.Restarts, 1, 10_000),
		within("MaxIterations", c.MaxIterations, 1, 1_000_000),
		within("References", c.References, 5, 1000),
	} {
		if err != nil {
			return err
		}
	}
	if !(c.Tolerance > 0 && c.Tolerance <= 1) {
		return fmt.Errorf("segment: Tolerance must be more than 0 and at most 1, got %v", c.Tolerance)
	}
	if c.Workers < 0 {
		return fmt.Errorf("segment: Workers must be 0 or more, got %d", c.Workers)
	}
	return nil
}

func within(name string, v, low, high int) error {
	if v < low || v > high {
		return fmt.Errorf("segment: %s must be from %d to %d, got %d", name, low, high, v)
	}
	return nil
}
