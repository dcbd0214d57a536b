package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
)

// Plan says what a subscription allows. 0 means any number.
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
		{Name: "enterprise"},
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

// withLimits applies the limits that are stored with a subscription.
func (p Plan) withLimits(text sql.NullString) (Plan, error) {
	if !text.Valid || text.String == "" {
		return p, nil
	}
	var given map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text.String), &given); err != nil {
		return p, fault(ErrCorrupt, "the limits of the subscription are no JSON object")
	}
	for name, limit := range map[string]*int64{"max_api_calls_per_month": &p.MaxCalls, "max_customers": &p.MaxCustomers} {
		value, ok := given[name]
		if !ok {
			continue
		}
		*limit = 0 // null
		if err := json.Unmarshal(value, limit); err != nil || *limit < 0 {
			return p, fault(ErrCorrupt, "the limit %s of the subscription is no number of things", name)
		}
	}
	return p, nil
}

// currentPlan finds the plan of a tenant by its subscription of now; the zero
// Plan, without limits, when there is none.
func (t *tx) currentPlan(tenant string) (Plan, error) {
	if tenant == "" {
		return Plan{}, nil
	}
	current, err := t.subscription(tenant)
	if errors.Is(err, ErrNotFound) {
		return Plan{}, nil
	}
	if err != nil {
		return Plan{}, fmt.Errorf("tenant %q: %w", tenant, err)
	}
	return current.Plan, nil
}

// currentSubscription is the condition of the one subscription that counts for a
// tenant at a time: of those that have begun and not ended, the last one.
const currentSubscription = `tenant_id = ? AND COALESCE(starts_at, created_at) <= ? AND (ends_at IS NULL OR ends_at > ?)
	ORDER BY COALESCE(starts_at, created_at) DESC, id DESC LIMIT 1`
