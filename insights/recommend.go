package insights

import (
	"fmt"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/stat"
)

// Standing is where a group of customers stands, as a [Rule] sees it. A figure is
// NaN when it is not known, and then no comparison with it holds.
type Standing struct {
	// Spending and Income are the group's means.
	Spending, Income float64
	// HighSpending is the point above which spending counts as high; see
	// [NewRecommender]. MedianIncome is the median of all customers.
	HighSpending, MedianIncome float64
}

// Rule gives advice on the groups for which it holds.
type Rule struct {
	Holds  func(Standing) bool
	Advice string
}

// DefaultRules returns the rules of the CohortLens backend: a group with high
// spending is to be kept, one with an income above the median to be sold more,
// and any other to be won by price. The advice states no more than its rule does:
// spending that is not high by the rule may well be above the average.
func DefaultRules() []Rule {
	return []Rule{
		{
			Holds:  func(s Standing) bool { return s.Spending > s.HighSpending },
			Advice: "Keep and reward them: invite them to a loyalty programme and show them premium offers first.",
		},
		{
			Holds:  func(s Standing) bool { return s.Spending <= s.HighSpending && s.Income > s.MedianIncome },
			Advice: "Sell them more: their mean income is above the median of all customers, so offer premium upgrades.",
		},
		{
			Holds:  func(s Standing) bool { return s.Spending <= s.HighSpending && s.Income <= s.MedianIncome },
			Advice: "Win them by price: offer value products, bundles and seasonal promotions.",
		},
	}
}

// Recommender advises on groups of the customers of one table. It is immutable
// and safe for concurrent use.
type Recommender struct {
	roles    Roles
	standing Standing // of a group of which nothing is known
	rules    []Rule
}

// NewRecommender returns a recommender that applies the first rule that holds,
// [DefaultRules] when none is given. It needs the roles Spending and Income; with
// an empty one it still works and says what it cannot tell. A role that names a
// column which is not there is a [*RoleError].
//
// Spending counts as high above 60 on a scale of 0 to 100: for the column that
// datasource.CustomerSchema names, and for one whose values lie between 0 and 100
// and reach 50. In any other column it does above the point 60% of the way from
// the smallest to the largest value.
func NewRecommender(t *datasource.Table, roles Roles, rules ...Rule) (*Recommender, error) {
	if len(rules) == 0 {
		rules = DefaultRules()
	}
	unknown := math.NaN()
	r := &Recommender{roles: roles, standing: Standing{unknown, unknown, unknown, unknown}, rules: slices.Clone(rules)}
	if roles.Spending != "" {
		c, err := roleColumn(t, "spending", roles.Spending)
		if err != nil {
			return nil, fmt.Errorf("recommend: %w", err)
		}
		r.standing.HighSpending = highSpending(c)
	}
	if roles.Income != "" {
		c, err := roleColumn(t, "income", roles.Income)
		if err != nil {
			return nil, fmt.Errorf("recommend: %w", err)
		}
		r.standing.MedianIncome = stat.Quantile(present(c), 0.5)
	}
	return r, nil
}

func highSpending(c datasource.Column) float64 {
	const share = 0.6
	var m stat.Moments
	m.Add(c.Floats())
	low, high := m.Range()
	if c.Name() == datasource.SpendingScore || low >= 0 && high >= 50 && high <= 100 {
		return share * 100
	}
	return low + share*(high-low)
}

// Recommend returns the advice for a group, one sentence. Mean returns the
// group's mean of a column, and whether there is one.
func (r *Recommender) Recommend(mean func(column string) (float64, bool)) string {
	s := r.standing
	s.Spending = meanOf(r.roles.Spending, mean)
	s.Income = meanOf(r.roles.Income, mean)
	for _, rule := range r.rules {
		if rule.Holds(s) {
			return rule.Advice
		}
	}
	switch {
	case math.IsNaN(s.Spending):
		return "No recommendation: how much these customers spend is not known."
	case math.IsNaN(s.Income):
		return "No recommendation: what these customers earn is not known."
	}
	return "No recommendation: no rule applies to these customers."
}

func meanOf(column string, mean func(string) (float64, bool)) float64 {
	if column != "" {
		if v, ok := mean(column); ok {
			return v
		}
	}
	return math.NaN()
}
