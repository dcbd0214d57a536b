package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Subscription gives a tenant a plan for a time. A change of plan ends one and
// begins another, so that the history stays.
type Subscription struct {
	ID     int64  `json:"id"`
	Tenant string `json:"tenant_id"`
	// Plan has the limits that count: those of the subscription over those of
	// the plan.
	Plan
	StripeID string    `json:"stripe_subscription_id,omitempty"`
	StartsAt time.Time `json:"starts_at"`
	// EndsAt is zero for one without an end.
	EndsAt    time.Time `json:"ends_at,omitzero"`
	CreatedAt time.Time `json:"created_at"`
}

// NewSubscription is a subscription to begin.
type NewSubscription struct {
	Tenant string
	// Plan is basic, professional or enterprise.
	Plan string
	// StripeID may be empty.
	StripeID string
	// StartsAt is now when zero; EndsAt is never when zero.
	StartsAt, EndsAt time.Time
	// MaxCalls and MaxCustomers replace the limits of the plan unless nil; 0 is
	// any number.
	MaxCalls, MaxCustomers *int64
}

const subscriptionsTable = "subscriptions"

// check reads the limits as they are stored.
func (n *NewSubscription) check() (limits any, err error) {
	if _, err := planNamed(n.Plan); err != nil {
		return nil, err
	}
	if err := checkTexts(checked{"the tenant", n.Tenant, 1, maxName}, checked{"the ID of the subscription", n.StripeID, 0, maxName}); err != nil {
		return nil, err
	}
	stored := map[string]*int64{}
	for name, limit := range map[string]*int64{"max_api_calls_per_month": n.MaxCalls, "max_customers": n.MaxCustomers} {
		switch {
		case limit == nil:
		case *limit < 0:
			return nil, invalid("%s must not be negative, got %d", name, *limit)
		case *limit == 0:
			stored[name] = nil // as the Python backend writes any number
		default:
			stored[name] = limit
		}
	}
	if len(stored) == 0 {
		return nil, nil
	}
	return jsonOrNull(stored)
}

// Subscribe begins a subscription, and ends at its start those that the tenant
// has.
func (s *Store) Subscribe(ctx context.Context, who Actor, n NewSubscription) (*Subscription, error) {
	const op = "subscribe"
	limits, err := n.check()
	if err != nil {
		return nil, failed(ctx, op, err)
	}
	var begun *Subscription
	err = s.write(ctx, op, func(t *tx) error {
		if _, err := t.lockChain(subscriptionsTable); err != nil {
			return err
		}
		begun, err = t.subscribe(who, n, limits)
		return err
	})
	if err != nil {
		return nil, err
	}
	return begun, nil
}

// subscribe is [Store.Subscribe] in a transaction that has the lock on the chain
// of subscriptions.
func (t *tx) subscribe(who Actor, n NewSubscription, limits any) (*Subscription, error) {
	if n.StartsAt.IsZero() {
		n.StartsAt = t.now
	}
	if !n.EndsAt.IsZero() && !n.EndsAt.After(n.StartsAt) {
		return nil, invalid("a subscription must end after it begins, got %v and %v", n.EndsAt, n.StartsAt)
	}
	_, err := t.exec("UPDATE subscriptions SET ends_at = ? WHERE tenant_id = ? AND (ends_at IS NULL OR ends_at > ?)", n.StartsAt, n.Tenant, n.StartsAt)
	if err != nil {
		return nil, err
	}
	var end *time.Time
	if !n.EndsAt.IsZero() {
		end = &n.EndsAt
	}
	var row subscriptionRow
	err = t.get(&row, `INSERT INTO subscriptions (tenant_id, plan, stripe_subscription_id, limits, starts_at, ends_at, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING `+subscriptionColumns, n.Tenant, n.Plan, orNull(n.StripeID), limits, n.StartsAt, end, t.now)
	if err != nil {
		return nil, err
	}
	begun, err := row.subscription()
	if err != nil {
		return nil, err
	}
	return begun, t.audit(who, change{table: subscriptionsTable, record: n.Tenant, action: "INSERT", new: begun})
}

// EndSubscription ends the subscriptions with an ID of Stripe. One that is not
// there, or has ended, is an [ErrNotFound].
func (s *Store) EndSubscription(ctx context.Context, who Actor, stripeID string) error {
	const op = "end a subscription"
	if err := checkText("the ID of the subscription", stripeID, 1, maxName); err != nil {
		return failed(ctx, op, err)
	}
	return s.write(ctx, op, func(t *tx) error {
		if _, err := t.lockChain(subscriptionsTable); err != nil {
			return err
		}
		n, err := t.endSubscription(who, stripeID)
		if err == nil && n == 0 {
			err = fault(ErrNotFound, "there is no subscription %q that goes on", stripeID)
		}
		return err
	})
}

func (t *tx) endSubscription(who Actor, stripeID string) (ended int64, err error) {
	n, err := t.exec("UPDATE subscriptions SET ends_at = ? WHERE stripe_subscription_id = ? AND (ends_at IS NULL OR ends_at > ?)", t.now, stripeID, t.now)
	if err != nil || n == 0 {
		return n, err
	}
	return n, t.audit(who, change{table: subscriptionsTable, record: stripeID, action: "END", new: map[string]any{"ends_at": t.now}})
}

type subscriptionRow struct {
	ID        int64          `db:"id"`
	Tenant    string         `db:"tenant_id"`
	Plan      string         `db:"plan"`
	StripeID  sql.NullString `db:"stripe_subscription_id"`
	Limits    sql.NullString `db:"limits"`
	StartsAt  moment         `db:"starts_at"`
	EndsAt    moment         `db:"ends_at"`
	CreatedAt moment         `db:"created_at"`
}

const subscriptionColumns = "id, tenant_id, plan, stripe_subscription_id, limits, starts_at, ends_at, created_at"

func (r *subscriptionRow) subscription() (*Subscription, error) {
	plan, err := planNamed(r.Plan)
	if err != nil {
		return nil, fault(ErrCorrupt, "the subscription %d has the unknown plan %q", r.ID, r.Plan)
	}
	if plan, err = plan.withLimits(r.Limits); err != nil {
		return nil, err
	}
	if r.StartsAt.IsZero() {
		r.StartsAt = r.CreatedAt
	}
	return &Subscription{r.ID, r.Tenant, plan, r.StripeID.String, r.StartsAt.Time, r.EndsAt.Time, r.CreatedAt.Time}, nil
}

// Subscription finds the subscription of a tenant that counts now. Without one
// it is an [ErrNotFound], and the tenant has no limits.
func (s *Store) Subscription(ctx context.Context, tenant string) (*Subscription, error) {
	var found *Subscription
	err := s.read(ctx, "find a subscription", func(t *tx) (err error) {
		found, err = t.subscription(tenant)
		return err
	})
	return found, err
}

func (t *tx) subscription(tenant string) (*Subscription, error) {
	var row subscriptionRow
	err := t.get(&row, "SELECT "+subscriptionColumns+" FROM subscriptions WHERE "+currentSubscription, tenant, t.now, t.now)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault(ErrNotFound, "the tenant %q has no subscription", tenant)
	}
	if err != nil {
		return nil, err
	}
	return row.subscription()
}

// Subscriptions lists all subscriptions of a tenant, the newest first.
func (s *Store) Subscriptions(ctx context.Context, tenant string, limit int) ([]Subscription, error) {
	const op = "list subscriptions"
	limit, err := pageSize(limit)
	if err != nil {
		return nil, failed(ctx, op, err)
	}
	var rows []subscriptionRow
	err = s.read(ctx, op, func(t *tx) error {
		return t.list(&rows, "SELECT "+subscriptionColumns+" FROM subscriptions WHERE tenant_id = ? ORDER BY id DESC LIMIT ?", tenant, limit)
	})
	list := make([]Subscription, 0, len(rows))
	for i := range rows {
		one, rowErr := rows[i].subscription()
		if rowErr != nil {
			return nil, failed(ctx, op, rowErr)
		}
		list = append(list, *one)
	}
	return list, err
}
