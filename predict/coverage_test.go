package predict_test

import (
	"flag"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/predict"
)

// The full measurement is go test -run Coverage -splits 50 -coverage-trees 100.
var (
	splits        = flag.Int("splits", 2, "random splits of each data set on which coverage is measured")
	coverageTrees = flag.Int("coverage-trees", 10, "trees of the forests whose coverage is measured")
)

// customer is what the targets of generated data sets are made of.
type customer struct {
	a, b, c float64
	plan    int // of 6
	segment int // of 4, the smallest a tenth of all
	random  *rand.Rand
}

// student draws from Student's t distribution with 2 degrees of freedom.
func (c customer) student() float64 {
	return c.random.NormFloat64() / math.Sqrt(c.random.ExpFloat64())
}

// generated are the kinds of data sets on which intervals have to keep their word.
var generated = map[string]func(c customer) float64{
	"linear":         func(c customer) float64 { return 3*c.a - 2*c.b + c.random.NormFloat64() },
	"noisier":        func(c customer) float64 { return 3*c.a + math.Exp(c.b)*c.random.NormFloat64() },
	"heavy tails":    func(c customer) float64 { return 2*c.a + c.b + c.student() },
	"skewed":         func(c customer) float64 { return math.Exp(0.7*c.a + 0.3*c.b + 0.8*c.random.NormFloat64()) },
	"categorical":    func(c customer) float64 { return float64(c.plan*c.plan%5)*2 + c.random.NormFloat64() },
	"tiny effects":   func(c customer) float64 { return 0.05*c.a + 0.03*c.b + c.random.NormFloat64() },
	"interactions":   func(c customer) float64 { return 4*c.a*c.b + math.Sin(3*c.c) + c.random.NormFloat64() },
	"two kinds":      func(c customer) float64 { return c.a + 6*float64(c.random.IntN(2)) + c.random.NormFloat64() },
	"whole scores":   func(c customer) float64 { return math.Round(min(100, max(0, 50+20*c.a+15*c.random.NormFloat64()))) },
	"noisy segments": func(c customer) float64 { return c.a + math.Pow(3, float64(c.segment))*c.random.NormFloat64() },
}

func generate(t testing.TB, target func(c customer) float64, rows int, random *rand.Rand) *datasource.Table {
	t.Helper()
	columns := map[string][]float64{"a": {}, "b": {}, "c": {}, "y": {}}
	var plan, segment []string
	for range rows {
		c := customer{random.NormFloat64(), random.NormFloat64(), random.Float64(), random.IntN(6), 0, random}
		for u := random.Float64(); c.segment < 3 && u > []float64{0.5, 0.75, 0.9}[c.segment]; c.segment++ {
		}
		columns["a"], columns["b"], columns["c"] = append(columns["a"], c.a), append(columns["b"], c.b), append(columns["c"], c.c)
		columns["y"] = append(columns["y"], target(c))
		plan, segment = append(plan, string(rune('p'+c.plan))), append(segment, string(rune('A'+c.segment)))
	}
	return newTable(t, datasource.Numbers("a", columns["a"]), datasource.Numbers("b", columns["b"]), datasource.Numbers("c", columns["c"]),
		datasource.Categories("plan", plan), datasource.Categories("segment", segment), datasource.Numbers("y", columns["y"]))
}

// coverage counts rows and those that intervals covered.
type coverage struct{ rows, covered int }

func (c coverage) share() float64 { return float64(c.covered) / float64(c.rows) }

func (c *coverage) count(p predict.Prediction, actual float64) {
	c.rows++
	if p.Low <= actual && actual <= p.High {
		c.covered++
	}
}

// measureCoverage trains on 2,400 of 4,000 rows, drawn anew for each split, and
// looks at the others: at all of them, and by segment. It also returns the mean
// coverage that the results claim.
func measureCoverage(t *testing.T, table *datasource.Table, cfg predict.Config) (all coverage, segments map[string]*coverage, claimed float64) {
	t.Helper()
	segments = map[string]*coverage{}
	for split := range *splits {
		rows := rand.New(rand.NewPCG(uint64(split), 77)).Perm(table.Rows())
		cfg.Seed = uint64(split)
		r := train(t, table.Take(rows[:2400]), cfg)
		rest := table.Take(rows[2400:])
		y, _ := rest.NumericColumn("y")
		segment, _ := rest.CategoricalColumn("segment")
		for row, one := range predictions(t, r.Predictor, rest) {
			all.count(one, y.Floats()[row])
			if segments[segment.Cell(row)] == nil {
				segments[segment.Cell(row)] = &coverage{}
			}
			segments[segment.Cell(row)].count(one, y.Floats()[row])
		}
		claimed += r.Intervals.Coverage / float64(*splits)
	}
	return all, segments, claimed
}

func TestCoverage(t *testing.T) {
	// Binomial noise of the test rows and of the calibration, wide enough for
	// the worst of all cases below.
	slack := 3.5 * math.Sqrt(0.09*(1/1600.+1/2400.)/float64(*splits))
	low, high, least := min(0.885, 0.9-slack), max(0.915, 0.9+slack), min(0.87, 0.9-3*math.Sqrt(0.09*(1/160.+1/240.)/float64(*splits)))
	for name, cfg := range map[string]predict.Config{
		"linear": {}, "forest": {Algorithm: predict.RandomForest, Trees: *coverageTrees},
	} {
		for kind, target := range generated {
			t.Run(name+"/"+kind, func(t *testing.T) {
				cfg.Target, cfg.IntervalGroups = "y", "segment"
				cfg.Numerical, cfg.Categorical = []string{"a", "b", "c"}, []string{"plan"}
				all, segments, claimed := measureCoverage(t, generate(t, target, 4000, rand.New(rand.NewPCG(9, 9))), cfg)
				worst := 1.0
				for _, c := range segments {
					worst = min(worst, c.share())
				}
				t.Logf("coverage %.4f, in the worst segment %.4f, claimed %.4f", all.share(), worst, claimed)
				if s := all.share(); s < low || s > high {
					t.Errorf("coverage %.4f, want from %.4f to %.4f", s, low, high)
				}
				if worst < least {
					t.Errorf("coverage %.4f in the worst segment, want at least %.4f", worst, least)
				}
				if math.Abs(claimed-0.9) > 3*slack {
					t.Errorf("the results claim a coverage of %.4f", claimed)
				}
			})
		}
	}
}
