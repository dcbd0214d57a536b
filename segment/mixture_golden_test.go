package segment

import (
	"encoding/json"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/testkit"
)

// mixtureTraces is testdata/gmm_trace.json, made by gmm_trace.py beside it with
// scikit-learn 1.9.1 and numpy 2.4.6: GaussianMixture._e_step and ._m_step.
type mixtureTraces struct {
	Rows   [][]float64 `json:"rows"`
	Labels []int32     `json:"labels"`
	Traces []struct {
		Covariance Covariance `json:"covariance"`
		Steps      []struct {
			LogLikelihood float64   `json:"log_likelihood"`
			Weights       []float64 `json:"weights"`
			Means         []float64 `json:"means"`
			Covariances   []float64 `json:"covariances"`
		} `json:"steps"`
		LogLikelihood float64   `json:"log_likelihood"`
		BIC           float64   `json:"bic"`
		AIC           float64   `json:"aic"`
		Parameters    int       `json:"parameters"`
		Labels        []int32   `json:"labels"`
		Posteriors    []float64 `json:"posteriors"`
	} `json:"traces"`
}

func readGolden(t *testing.T, file string, to any) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, to); err != nil {
		t.Fatal(err)
	}
}

func TestMixturesEqualScikitLearnStepByStep(t *testing.T) {
	var golden mixtureTraces
	readGolden(t, "testdata/gmm_trace.json", &golden)
	p := points{n: len(golden.Rows), d: len(golden.Rows[0])}
	for _, row := range golden.Rows {
		p.x = append(p.x, row...)
	}
	parts := &partition{k: 3, labels: golden.Labels, centres: make([]float64, 3*p.d)}
	if len(golden.Traces) != len(shapes) {
		t.Fatalf("%d traces, want one for each of %v", len(golden.Traces), shapes)
	}
	for _, trace := range golden.Traces {
		t.Run(string(trace.Covariance), func(t *testing.T) {
			m := newMixtures(p, Config{Algorithm: GMM, Covariance: trace.Covariance, Tolerance: 1e-300}.withDefaults())
			e := newExpectation(p, trace.Covariance, 3, 2)
			g, err := e.fromLabels(t.Context(), parts, m.c.Regularisation)
			if err != nil {
				t.Fatal(err)
			}
			f := unfinished(g)
			for i, want := range trace.Steps {
				if f, err = m.iterate(t.Context(), e, f, i+1, 1e-300); err != nil {
					t.Fatal(err)
				}
				nearAll(t, i, "log-likelihood", []float64{f.logLikelihood}, []float64{want.LogLikelihood})
				nearAll(t, i, "weights", f.weights, want.Weights)
				nearAll(t, i, "means", f.means, want.Means)
				nearAll(t, i, "covariances", f.covariances, want.Covariances)
			}
			q, err := m.finish(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			step := len(trace.Steps)
			nearAll(t, step, "log-likelihood, BIC, AIC", []float64{q.mixture.logLikelihood, q.mixture.bic, q.mixture.aic},
				[]float64{trace.LogLikelihood, trace.BIC, trace.AIC})
			if got := q.mixture.parameters(); got != trace.Parameters {
				t.Errorf("%d parameters, want %d", got, trace.Parameters)
			}
			r := newMostLikely(q.mixture.gaussians)
			labels, posteriors := make([]int32, p.n), make([]float64, p.n*3)
			r.assign(p.x, labels)
			r.eachBlock(p.x, func(low int, b *block) {
				for i := range b.n {
					b.probabilities(i, r.ids, posteriors[(low+i)*3:])
				}
			})
			nearAll(t, step, "posteriors", posteriors, trace.Posteriors)
			for i, want := range trace.Labels {
				if labels[i] != want || q.labels[i] != want {
					t.Errorf("row %d is assigned to %d and labelled %d, want %d", i, labels[i], q.labels[i], want)
				}
			}
		})
	}
}

// nearAll compares to 1e-8, the rows being of the order of 1.
func nearAll(t *testing.T, step int, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("step %d: %d %s, want %d", step, len(got), what, len(want))
	}
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= 1e-8*(1+math.Abs(want[i]))) {
			t.Fatalf("step %d: %s %d is %v, want %v", step, what, i, got[i], want[i])
		}
	}
}

// mixtureReference is the best of 10 starts of scikit-learn 1.2.1:
// GaussianMixture(k, n_init=10, random_state=0, max_iter=500, tol=1e-6).
type mixtureReference struct {
	Mixtures map[string]struct {
		LogLikelihood float64 `json:"mean_log_likelihood"`
		BIC           float64 `json:"bic"`
		AIC           float64 `json:"aic"`
	} `json:"gmm_full"`
}

func TestMixturesOfShopCustomersReachScikitLearn(t *testing.T) {
	var figures struct {
		Complete mixtureReference `json:"complete_rows"`
		Valid    mixtureReference `json:"valid_rows"`
	}
	readGolden(t, testkit.SharedFile(t, "reference", "shop_customers.json"), &figures)
	file := testkit.SharedFile(t, "data", "shop_customers.csv")
	loaded, err := datasource.Load(t.Context(), datasource.NewCSVFile(file, datasource.CSVConfig{Schema: datasource.CustomerSchema()}))
	if err != nil {
		t.Fatal(err)
	}
	for policy, want := range map[datasource.Policy]mixtureReference{datasource.Keep: figures.Complete, datasource.Drop: figures.Valid} {
		data, _, err := datasource.Prepare(t.Context(), loaded, datasource.CustomerSchema(), policy)
		if err != nil {
			t.Fatal(err)
		}
		for k := 1; k <= 7; k++ {
			r, err := Fit(t.Context(), data, Config{
				Algorithm: GMM, K: k, Seed: 42, References: 5,
				Features: []string{datasource.Age, datasource.AnnualIncome, datasource.SpendingScore},
			})
			if err != nil {
				t.Fatal(err)
			}
			w := want.Mixtures[strconv.Itoa(k)]
			m, slack := r.Mixture, 2e-6*float64(data.Rows())
			if m.LogLikelihood < w.LogLikelihood-1e-6 || m.BIC > w.BIC+slack || m.AIC > w.AIC+slack {
				t.Errorf("%s, k = %d: log-likelihood %.7f, BIC %.4f, AIC %.4f; scikit-learn has %.7f, %.4f, %.4f",
					policy, k, m.LogLikelihood, m.BIC, m.AIC, w.LogLikelihood, w.BIC, w.AIC)
			}
		}
	}
}
