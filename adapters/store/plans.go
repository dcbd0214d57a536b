package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
)

// Unlimited is the limit of what may be any number.
const Unlimited = -1

// Plan says what a subscription allows. A limit of 0 allows nothing, a negative
// one ([Unlimited]) anything, as in the Python backend.
type Plan struct {
	Name string `json:"plan"`
	// MaxCalls is the number of accepted calls in a month, MaxCustomers that of
	// the customers.
	MaxCalls     int64 `json:"max_api_calls_per_month"`
	MaxCustomers int64 `json:"max_customers"`
}

// Plans are the ones that there are. A tenant without a subscription has none of
// them, and no limits.
func Plans() []Plan {
	return []Plan{
		{Name: "basic", MaxCalls: 10_000, MaxCustomers: 1_000},
		{Name: "professional", MaxCalls: 100_000, MaxCustomers: 10_000},
		{Name: "enterprise", MaxCalls: Unlimited, MaxCustomers: Unlimited},
	}
}

func planNamed(name string) (Plan, error) {
	for _, p := range Plans() {
		if p.Name == name {
			return p, nil
		}
	}
	return Plan{}, invalid("the plan must be basic, professional or enterprise, got %q", name)
}

// planStored is the plan that a stored subscription gives. Rows of other
// programs must neither lift a limit nor keep a tenant from calling by mistake: a
// plan of an unknown name is that of the least limits, as in the Python backend,
// and a stored limit that is no number is that of the plan.
func planStored(name string, limits sql.NullString) Plan {
	p, err := planNamed(name)
	if err != nil {
		p = Plans()[0]
		p.Name = name
	}
	var given map[string]json.RawMessage
	if json.Unmarshal([]byte(limits.String), &given) != nil {
		return p
	}
	for key, limit := range map[string]*int64{maxCallsKey: &p.MaxCalls, maxCustomersKey: &p.MaxCustomers} {
		var n *float64
		switch err := json.Unmarshal(given[key], &n); {
		case err != nil || n == nil:
		case *n < 0:
			*limit = Unlimited
		default:
			*limit = int64(min(*n, mostLimit))
		}
	}
	return p
}

const (
	// The names of the limits that are stored with a subscription.
	maxCallsKey     = "max_api_calls_per_month"
	maxCustomersKey = "max_customers"
	// mostLimit is the largest limit; JSON of any program holds it exactly.
	mostLimit = 1 << 53
)

// currentPlan finds the plan of a tenant by its subscription of now; a plan
// without a name and limits when there is none.
func (t *tx) currentPlan(tenant string) (Plan, error) {
	none := Plan{MaxCalls: Unlimited, MaxCustomers: Unlimited}
	if tenant == "" {
		return none, nil
	}
	current, err := t.subscription(tenant)
	if errors.Is(err, ErrNotFound) {
		return none, nil
	}
	if err != nil {
		return Plan{}, fmt.Errorf("tenant %q: %w", tenant, err)
	}
	return current.Plan, nil
}
