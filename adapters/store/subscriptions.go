package store

import (
	"context"
	"database/sql"
	"encoding/json"
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
	// StartsAt is now when zero. EndsAt is never when zero: after it the tenant
	// has no subscription, and so no limits.
	StartsAt, EndsAt time.Time
	// MaxCalls and MaxCustomers replace the limits of the plan unless nil; they
	// are 0 or more, or [Unlimited].
	MaxCalls, MaxCustomers *int64
}

const subscriptionsTable = "subscriptions"

// check makes the times those that are stored, and returns the limits so.
func (n *NewSubscription) check() (limits sql.NullString, err error) {
	if _, err := planNamed(n.Plan); err != nil {
		return limits, err
	}
	if err := checkTexts(checked{"the tenant", n.Tenant, 1, maxName}, checked{"the ID of the subscription", n.StripeID, 0, maxStripeID}); err != nil {
		return limits, err
	}
	for name, at := range map[string]*time.Time{"start": &n.StartsAt, "end": &n.EndsAt} {
		if *at = at.UTC().Truncate(time.Microsecond); at.Year() < 1 || at.Year() > 9999 {
			return limits, invalid("the %s of the subscription must be in the years 1 to 9999, got %v", name, *at)
		}
	}
	if !n.EndsAt.IsZero() && !n.EndsAt.After(n.StartsAt) {
		return limits, invalid("a subscription must end after it begins, got %v and %v", n.EndsAt, n.StartsAt)
	}
	stored := map[string]int64{}
	for key, limit := range map[string]*int64{maxCallsKey: n.MaxCalls, maxCustomersKey: n.MaxCustomers} {
		if limit == nil {
			continue
		}
		if *limit < Unlimited || *limit > mostLimit {
			return limits, invalid("%s must be from 0 to %d, or %d for any number, got %d", key, int64(mostLimit), Unlimited, *limit)
		}
		stored[key] = *limit
	}
	if len(stored) == 0 {
		return limits, nil
	}
	text, err := json.Marshal(stored)
	return sql.NullString{String: string(text), Valid: true}, err
}

// Subscribe begins a subscription. Of those that the tenant has, the ones that
// would go on beside it end when it begins, or now if it has begun before.
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
		begun, err = t.subscribe(who, n, limits, "tenant_id = ?", n.Tenant)
		return err
	})
	if err != nil {
		return nil, err
	}
	return begun, nil
}

// subscribe begins a subscription in place of those that a condition chooses. The
// transaction has the lock on the chain of subscriptions.
func (t *tx) subscribe(who Actor, n NewSubscription, limits sql.NullString, replaced string, args ...any) (*Subscription, error) {
	if n.StartsAt.IsZero() {
		n.StartsAt = t.now
	}
	var end *time.Time
	if !n.EndsAt.IsZero() {
		if !n.EndsAt.After(t.now) {
			return nil, invalid("a subscription must not have ended already, got %v", n.EndsAt)
		}
		end = &n.EndsAt
		replaced, args = replaced+" AND COALESCE(starts_at, created_at) < ?", append(args, n.EndsAt)
	}
	if _, err := t.endSubscriptions(who, later(n.StartsAt, t.now), replaced, args...); err != nil {
		return nil, err
	}
	var row subscriptionRow
	err := t.get(&row, `INSERT INTO subscriptions (tenant_id, plan, stripe_subscription_id, limits, starts_at, ends_at, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING `+subscriptionColumns, n.Tenant, n.Plan, orNull(n.StripeID), limits, n.StartsAt, end, t.now)
	if err != nil {
		return nil, err
	}
	begun := row.subscription()
	return begun, t.audit(who, change{table: subscriptionsTable, record: n.Tenant, action: "INSERT", new: begun})
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// EndSubscription ends the subscriptions with an ID of Stripe. One that is not
// there, or has ended, is an [ErrNotFound].
func (s *Store) EndSubscription(ctx context.Context, who Actor, stripeID string) error {
	const op = "end a subscription"
	if err := checkText("the ID of the subscription", stripeID, 1, maxStripeID); err != nil {
		return failed(ctx, op, err)
	}
	return s.write(ctx, op, func(t *tx) error {
		if _, err := t.lockChain(subscriptionsTable); err != nil {
			return err
		}
		n, err := t.endSubscriptions(who, t.now, ofStripe, stripeID)
		if err == nil && n == 0 {
			err = fault(ErrNotFound, "there is no subscription %q that goes on", stripeID)
		}
		return err
	})
}

// endSubscriptions ends those that a condition chooses, and returns their number.
// One that has not begun by then ends as it begins, and so never counts.
func (t *tx) endSubscriptions(who Actor, at time.Time, condition string, args ...any) (int, error) {
	var rows []subscriptionRow
	err := t.list(&rows, "SELECT "+subscriptionColumns+" FROM subscriptions WHERE "+condition+
		" AND (ends_at IS NULL OR ends_at > ? AND ends_at > COALESCE(starts_at, created_at)) ORDER BY id"+t.store.dialect.forUpdate, append(args, at)...)
	for i := range rows {
		before := rows[i].subscription()
		after := *before
		after.EndsAt = later(at, before.StartsAt)
		if _, err := t.exec("UPDATE subscriptions SET ends_at = ? WHERE id = ?", after.EndsAt, after.ID); err != nil {
			return 0, err
		}
		if err := t.audit(who, change{table: subscriptionsTable, record: before.Tenant, action: "END", old: before, new: after}); err != nil {
			return 0, err
		}
	}
	return len(rows), err
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

func (r *subscriptionRow) subscription() *Subscription {
	if r.StartsAt.IsZero() {
		r.StartsAt = r.CreatedAt
	}
	return &Subscription{r.ID, r.Tenant, planStored(r.Plan, r.Limits), r.StripeID.String, r.StartsAt.Time, r.EndsAt.Time, r.CreatedAt.Time}
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
	return row.subscription(), nil
}

// currentSubscription is the condition of the one subscription that counts for a
// tenant at a time: of those that have begun and not ended, the one that was
// stored last. The Python backend lets the earlier ones go on beside it.
const currentSubscription = `tenant_id = ? AND COALESCE(starts_at, created_at) <= ? AND (ends_at IS NULL OR ends_at > ?)
	ORDER BY id DESC LIMIT 1`

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
	list := make([]Subscription, len(rows))
	for i := range rows {
		list[i] = *rows[i].subscription()
	}
	return list, err
}
