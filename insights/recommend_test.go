package insights_test

import (
	"errors"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/insights"
)

// group answers for the means of a group of customers.
func group(means map[string]float64) func(string) (float64, bool) {
	return func(column string) (float64, bool) {
		v, ok := means[column]
		return v, ok
	}
}

// market has a median income of 50.
func market(t *testing.T, spending []float64) *datasource.Table {
	return newTable(t, datasource.Numbers("spending", spending), datasource.Numbers("income", []float64{10, 50, math.NaN(), 90}))
}

func TestDefaultRules(t *testing.T) {
	both := insights.Roles{Spending: "spending", Income: "income"}
	score := []float64{1, 50, 99, 20}
	tests := []struct {
		name             string
		roles            insights.Roles
		values           []float64
		spending, income float64
		want             string
	}{
		{"high spending", both, score, 60.1, 10, "loyalty"},
		{"at the limit", both, score, 60, 10, "value"},
		{"high income", both, score, 60, 50.1, "premium upgrades"},
		{"at the median", both, score, 30, 50, "value"},
		{"share of one", both, []float64{0, 0.5, 1, 0.2}, 0.61, 10, "loyalty"},
		{"share of one, low", both, []float64{0, 0.5, 1, 0.2}, 0.59, 10, "value"},
		{"amounts", both, []float64{100, 600, 1100, 150}, 701, 10, "loyalty"},
		{"amounts, low", both, []float64{100, 600, 1100, 150}, 699, 90, "premium upgrades"},
		{"no income, high spending", insights.Roles{Spending: "spending"}, score, 70, 90, "loyalty"},
		{"no income", insights.Roles{Spending: "spending"}, score, 50, 90, "what these customers earn is not known"},
		{"no spending", insights.Roles{Income: "income"}, score, 70, 90, "how much these customers spend is not known"},
		{"no role", insights.Roles{}, score, 70, 90, "how much these customers spend is not known"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := insights.NewRecommender(market(t, tt.values), tt.roles)
			if err != nil {
				t.Fatal(err)
			}
			got := r.Recommend(group(map[string]float64{"spending": tt.spending, "income": tt.income}))
			if !strings.Contains(got, tt.want) {
				t.Errorf("%q, want %q in it", got, tt.want)
			}
		})
	}
}

// A segment whose spending is above the average, if not above 60, is labelled
// "high engagement", one whose income is above the median and below the mean "low
// income". The advice must not say otherwise.
func TestAdviceDoesNotContradictLabels(t *testing.T) {
	claim := regexp.MustCompile(`(?i)not high|low|little|earn more|typical`)
	for _, rule := range insights.DefaultRules() {
		if found := claim.FindString(rule.Advice); found != "" {
			t.Errorf("%q claims %q", rule.Advice, found)
		}
	}
}

// The score of the customer schema is a scale of 0 to 100 even where a table
// shows only a part of it.
func TestSpendingScoreKeepsItsScale(t *testing.T) {
	table := newTable(t, datasource.Numbers(datasource.SpendingScore, []float64{10, 20, 30}),
		datasource.Numbers(datasource.AnnualIncome, []float64{1, 2, 3}))
	r, err := insights.NewRecommender(table, insights.InferRoles(table))
	if err != nil {
		t.Fatal(err)
	}
	got := r.Recommend(group(map[string]float64{datasource.SpendingScore: 29, datasource.AnnualIncome: 1}))
	if !strings.Contains(got, "value") {
		t.Errorf("29 of 100 gives %q", got)
	}
}

func TestRulesCanBeReplaced(t *testing.T) {
	rule := insights.Rule{Holds: func(s insights.Standing) bool { return s.Income > 2*s.MedianIncome }, Advice: "Call them."}
	r, err := insights.NewRecommender(market(t, []float64{1, 50, 99, 20}), insights.Roles{Spending: "spending", Income: "income"}, rule)
	if err != nil {
		t.Fatal(err)
	}
	for income, want := range map[float64]string{101: "Call them.", 99: "No recommendation: no rule applies to these customers."} {
		if got := r.Recommend(group(map[string]float64{"spending": 1, "income": income})); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := r.Recommend(group(nil)); !strings.Contains(got, "not known") {
		t.Errorf("a group without means gets %q", got)
	}
}

func TestRecommenderRefusesColumnsThatAreNotThere(t *testing.T) {
	for _, roles := range []insights.Roles{{Spending: "x"}, {Income: "x"}} {
		_, err := insights.NewRecommender(market(t, []float64{1, 2, 3, 4}), roles)
		if !errors.Is(err, insights.ErrNoRole) || !errors.Is(err, datasource.ErrNoColumn) {
			t.Errorf("%+v: error %v", roles, err)
		}
	}
}

func TestInferRoles(t *testing.T) {
	tests := []struct {
		name    string
		columns []string
		want    insights.Roles
	}{
		{"customer schema", []string{datasource.SpendingScore, datasource.AnnualIncome, datasource.WorkExperience, datasource.FamilySize, "Spend", "Income 2"},
			insights.Roles{Spending: datasource.SpendingScore, Income: datasource.AnnualIncome, Experience: datasource.WorkExperience, FamilySize: datasource.FamilySize}},
		{"mall customers", []string{"Age", "Annual Income (k$)", datasource.SpendingScore},
			insights.Roles{Spending: datasource.SpendingScore, Income: "Annual Income (k$)"}},
		{"marketing campaign", []string{"Year_Birth", "Income", "Kidhome", "MntWines"}, insights.Roles{Income: "Income"}},
		{"other words", []string{"total_SPEND", "Salary", "experience (years)", "Household size"},
			insights.Roles{Spending: "total_SPEND", Income: "Salary", Experience: "experience (years)", FamilySize: "Household size"}},
		{"several", []string{"spend 2023", "spend 2024", "income", "salary"}, insights.Roles{}},
		{"none", []string{"a", "b"}, insights.Roles{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			columns := []datasource.Column{datasource.Texts("income as text", []string{"much"})}
			for _, name := range tt.columns {
				columns = append(columns, datasource.Numbers(name, []float64{1}))
			}
			if got := insights.InferRoles(newTable(t, columns...)); got != tt.want {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
		})
	}
}
