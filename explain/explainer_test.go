package explain_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/explain"
)

func TestLinearEqualsEnumeration(t *testing.T) {
	for seed := range uint64(50) {
		r := stream(seed)
		d := 1 + r.IntN(7)
		m := linearModel{base: r.NormFloat64(), centres: make([]float64, d), slopes: make([]float64, d)}
		x := randomRows(r, forestSpec{features: d}, 2)
		for j := range d {
			m.centres[j], m.slopes[j] = r.NormFloat64(), r.NormFloat64()
		}
		e, err := explain.New(t.Context(), m, names(d), explain.Config{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := e.Interactions(t.Context(), x)
		if err != nil {
			t.Fatal(err)
		}
		for i := range got.Contributions.Rows {
			w := worthsOf(d, func(known uint) float64 { return replacedWorth(m, x[i*d:(i+1)*d], m.centres, known) })
			near(t, "base", []float64{got.Contributions.Base}, w[:1])
			near(t, "contributions", got.Contributions.Encoded[i*d:(i+1)*d], w.shapley())
			near(t, "interactions", got.Encoded[i*d*d:(i+1)*d*d], w.interactions())
		}
	}
}

// More features than are added up as whole rows, and rolled up to fewer.
func TestManyColumnsEqualEnumerationOfTheUsedOnes(t *testing.T) {
	const wide, used, step = 60, 6, 7
	s := forestSpec{features: used, trees: 4, depth: 7, bushy: 0.8}
	for seed := range uint64(20) {
		r := stream(seed)
		narrow := randomForest(r, s)
		x, background := randomRows(r, s, 3), randomRows(r, s, 5)
		for _, way := range explain.Ways {
			for _, c := range []explain.Config{{Method: explain.PathDependent}, {Method: explain.Interventional, Background: background}} {
				small := interactionsOf(t, narrow, names(used), c, way, x)
				c.Background = spreadRows(background, used, wide, step)
				columns := names(wide)
				for j := range columns {
					columns[j].Group = names(used)[j/step%used].Name
				}
				large := interactionsOf(t, spreadTrees(narrow, wide, step), columns, c, way, spreadRows(x, used, wide, step))
				near(t, way+": base", []float64{large.Contributions.Base}, []float64{small.Contributions.Base})
				near(t, way+": contributions", large.Contributions.Values, small.Contributions.Encoded)
				near(t, way+": interactions", large.Values, small.Encoded)
			}
		}
	}
}

// A number may be called what the indicator of a level is called.
func TestColumnsOfTwoGroupsMayShareAName(t *testing.T) {
	columns := []explain.Column{{Name: "plan=gold"}, {Name: "plan=gold", Group: "plan"}}
	e, err := explain.New(t.Context(), linearModel{1, []float64{0, 0}, []float64{2, 3}}, columns, explain.Config{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.Explain(t.Context(), []float64{5, 1})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"plan=gold", "plan"}; !slices.Equal(r.Groups, want) || !slices.Equal(r.Row(0), []float64{10, 3}) {
		t.Errorf("got %v for %q, want 10 and 3 for %q", r.Row(0), r.Groups, want)
	}
}

func interactionsOf(t *testing.T, m *explain.Ensemble, columns []explain.Column, c explain.Config, way string, x []float64) *explain.Interactions {
	t.Helper()
	e, err := explain.New(t.Context(), m, columns, c)
	if err != nil {
		t.Fatal(err)
	}
	e.Force(way)
	r, err := e.Interactions(t.Context(), x)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// spreadRows moves column j to column j * step of wider rows.
func spreadRows(x []float64, narrow, wide, step int) []float64 {
	out := make([]float64, len(x)/narrow*wide)
	for i, v := range x {
		out[i/narrow*wide+i%narrow*step] = v
	}
	return out
}

func spreadTrees(e *explain.Ensemble, wide, step int) *explain.Ensemble {
	out := &explain.Ensemble{Features: wide, Base: e.Base, Scale: e.Scale}
	for _, t := range e.Trees {
		nodes := make([]explain.Node, len(t.Nodes))
		for i, n := range t.Nodes {
			if n.Feature != explain.Leaf {
				n.Feature *= int16(step)
			}
			nodes[i] = n
		}
		out.Trees = append(out.Trees, explain.Tree{Nodes: nodes, Cover: t.Cover})
	}
	return out
}

// More rows than are computed together.
func TestManyRowsEqualFewRows(t *testing.T) {
	s := forestSpec{features: 4, trees: 3, depth: 4, bushy: 0.9}
	trees, x := randomForest(stream(7), s), randomRows(stream(8), s, 9000)
	e, err := explain.New(t.Context(), trees, names(4), explain.Config{})
	if err != nil {
		t.Fatal(err)
	}
	all, err := e.Interactions(t.Context(), x)
	if err != nil {
		t.Fatal(err)
	}
	for low := 0; low < 9000; low += 1000 {
		some, err := e.Interactions(t.Context(), x[low*4:(low+1000)*4])
		if err != nil {
			t.Fatal(err)
		}
		near(t, "contributions", some.Contributions.Encoded, all.Contributions.Encoded[low*4:(low+1000)*4])
		near(t, "interactions", some.Encoded, all.Encoded[low*16:(low+1000)*16])
	}
}

// treeLike wraps trees in a model that predicts something else.
type treeLike struct {
	*explain.Ensemble
	lie float64
}

func (m treeLike) Trees() *explain.Ensemble { return m.Ensemble }

func (m treeLike) Evaluate(dst, x []float64) {
	m.Ensemble.Evaluate(dst, x)
	dst[len(dst)-1] += m.lie
}

func TestContributionsThatDoNotAddUpAreAnError(t *testing.T) {
	s := forestSpec{features: 3, trees: 2, depth: 3, bushy: 1}
	e := randomForest(stream(1), s)
	x := randomRows(stream(2), s, 4)
	for _, lie := range []float64{0, 1e-3, -1e-7, math.Inf(1), math.NaN()} {
		ex, err := explain.New(t.Context(), treeLike{e, lie}, names(3), explain.Config{})
		if err != nil {
			t.Fatal(err)
		}
		r, err := ex.Explain(t.Context(), x)
		var failed *explain.AdditivityError
		switch {
		case lie == 0:
			if err != nil {
				t.Error(err)
			}
		case math.IsNaN(lie) || math.IsInf(lie, 0):
			if !errors.Is(err, explain.ErrRange) {
				t.Errorf("a prediction of %v: got %v, want ErrRange", lie, err)
			}
		case r != nil || !errors.As(err, &failed) || !errors.Is(err, explain.ErrAdditivity):
			t.Errorf("off by %v: got %v, want an AdditivityError", lie, err)
		case failed.Row != 3 || math.Abs(failed.Difference()+lie) > 1e-12:
			t.Errorf("off by %v in row 3: got row %d, off by %v", lie, failed.Row, failed.Difference())
		}
	}
}

func TestNewRefusals(t *testing.T) {
	good := func() *explain.Ensemble {
		return &explain.Ensemble{Features: 2, Scale: 1, Trees: []explain.Tree{{
			Nodes: []explain.Node{{Feature: 0, Value: 1, Right: 2}, {Feature: explain.Leaf}, {Feature: explain.Leaf, Value: 1}},
			Cover: []float64{3, 1, 2},
		}}}
	}
	broken := func(change func(*explain.Ensemble)) *explain.Ensemble {
		e := good()
		change(e)
		return e
	}
	plain := modelFunc{2, smooth}
	for _, c := range []struct {
		model   explain.Model
		columns []explain.Column
		config  explain.Config
		want    error
		text    string
	}{
		{nil, names(2), explain.Config{}, explain.ErrModel, "a model and at least one column"},
		{plain, nil, explain.Config{}, explain.ErrModel, "a model and at least one column"},
		{plain, make([]explain.Column, 2), explain.Config{}, explain.ErrModel, `names of their own, got ""`},
		{plain, []explain.Column{{Name: "a"}, {Name: "a"}}, explain.Config{}, explain.ErrModel, `names of their own, got "a"`},
		{plain, []explain.Column{{Name: "a", Group: "g"}, {Name: "a", Group: "g"}}, explain.Config{}, explain.ErrModel, `got "a" in "g"`},
		{plain, []explain.Column{{Name: "a", Group: "g", Reference: "c"}, {Name: "b", Group: "g"}}, explain.Config{}, explain.ErrModel, `"g" must have one Reference, got "c" and ""`},
		{plain, names(2), explain.Config{Method: "magic"}, explain.ErrMethod, `got "magic"`},
		{plain, names(2), explain.Config{Method: explain.Linear}, explain.ErrMethod, `one of ["permutation"] for this model, got "linear"`},
		{plain, names(2), explain.Config{Method: explain.PathDependent}, explain.ErrMethod, `got "tree_path_dependent"`},
		{good(), names(2), explain.Config{Method: explain.Linear}, explain.ErrMethod, `one of ["tree_path_dependent" "tree_interventional" "permutation"]`},
		{linearModel{0, make([]float64, 2), make([]float64, 2)}, names(2), explain.Config{Method: explain.Interventional}, explain.ErrMethod, `one of ["linear" "permutation"]`},
		{plain, names(2), explain.Config{}, explain.ErrBackground, `"permutation" needs a Background`},
		{good(), names(2), explain.Config{Method: explain.Interventional}, explain.ErrBackground, "needs a Background"},
		{plain, names(2), explain.Config{Background: make([]float64, 3)}, explain.ErrBackground, "got 3 values"},
		{plain, names(2), explain.Config{Background: []float64{1, math.Inf(1)}}, explain.ErrRange, "Background: row 0, column 1 is +Inf"},
		{modelFunc{2, func([]float64) float64 { return math.NaN() }}, names(2), explain.Config{Background: make([]float64, 4)},
			explain.ErrRange, "Background: row 0: the prediction is NaN"},
		{plain, names(2), explain.Config{Permutations: 1}, explain.ErrRange, "Permutations must be from 2 to 1000000, got 1"},
		{plain, names(2), explain.Config{Workers: -1}, explain.ErrRange, "Workers must be 0 or more, got -1"},
		{linearModel{0, make([]float64, 3), make([]float64, 2)}, names(2), explain.Config{}, explain.ErrModel, "3 centres and 2 slopes for 2 columns"},
		{good(), names(3), explain.Config{}, explain.ErrModel, "2 features for 3 columns"},
		{treeLike{good(), 0}, names(1), explain.Config{}, explain.ErrModel, "2 features for 1 columns"},
		{broken(func(e *explain.Ensemble) { e.Trees[0].Nodes[0].Right = 0 }), names(2), explain.Config{}, explain.ErrModel, "nodes[0].right"},
		{broken(func(e *explain.Ensemble) { e.Trees[0].Cover[1] = 0 }), names(2), explain.Config{}, explain.ErrModel, "cover[1]"},
		{broken(func(e *explain.Ensemble) { e.Trees[0].Nodes[0].Feature = 7 }), names(2), explain.Config{}, explain.ErrModel, "nodes[0].feature"},
	} {
		e, err := explain.New(t.Context(), c.model, c.columns, c.config)
		if e != nil || !errors.Is(err, c.want) || !strings.HasPrefix(err.Error(), "explain: ") || !strings.Contains(err.Error(), c.text) {
			t.Errorf("got %v, want %q", err, c.text)
		}
	}
}

func TestMethodFollowsFromTheModel(t *testing.T) {
	background := make([]float64, 6)
	s := forestSpec{features: 3, trees: 1, depth: 2, bushy: 1}
	trees := randomForest(stream(1), s)
	linear := linearModel{1, make([]float64, 3), make([]float64, 3)}
	for _, c := range []struct {
		model explain.Model
		given []float64
		want  explain.Method
	}{
		{linear, nil, explain.Linear}, {linear, background, explain.Linear},
		{trees, nil, explain.PathDependent}, {trees, background, explain.Interventional},
		{treeLike{Ensemble: trees}, nil, explain.PathDependent},
		{modelFunc{3, smooth}, background, explain.Permutation},
	} {
		e, err := explain.New(t.Context(), c.model, names(3), explain.Config{Background: c.given})
		if err != nil {
			t.Fatal(err)
		}
		if e.Method() != c.want {
			t.Errorf("%T: method %q, want %q", c.model, e.Method(), c.want)
		}
	}
}

func TestNewEndsWithItsContext(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	trees := randomForest(stream(1), forestSpec{features: 3, trees: 4, depth: 3, bushy: 1})
	for _, c := range []struct {
		model explain.Model
		given []float64
	}{{trees, nil}, {trees, make([]float64, 6)}, {modelFunc{3, smooth}, make([]float64, 6)}} {
		if e, err := explain.New(ended, c.model, names(3), explain.Config{Background: c.given}); e != nil || !errors.Is(err, context.Canceled) {
			t.Errorf("%T, %d values of background: got %v, want context.Canceled", c.model, len(c.given), err)
		}
	}
}
