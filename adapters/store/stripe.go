package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// StripeEvent is an event of Stripe, and what it means for a subscription.
type StripeEvent struct {
	ID        string
	Type      string
	CreatedAt time.Time
	// SubscriptionID is that of Stripe, "" when the event is about something
	// else.
	SubscriptionID string
	// Set is the subscription as the event has it; nil for no change. Its
	// StripeID is that of the event. An end that has passed ends it. EndsAt is
	// not the end of a paid period: the next event may come after it, and a
	// tenant without a subscription has no limits.
	Set *NewSubscription
	// Ended says that the subscription is over, for ever.
	Ended bool
}

// StripeEffect is what an event did.
type StripeEffect string

// The effects of events.
const (
	// StripeSet and StripeEnded changed the subscription, unless it was so
	// already.
	StripeSet   StripeEffect = "set"
	StripeEnded StripeEffect = "ended"
	// StripeIgnored is an event that means nothing here.
	StripeIgnored StripeEffect = "ignored"
	// StripeOutdated is an event that is older than what is known.
	StripeOutdated StripeEffect = "outdated"
	// StripeSeen is an event that came before.
	StripeSeen StripeEffect = "seen"
)

// ApplyStripeEvent stores an event and applies it, in one transaction: however
// often and from however many places an event is delivered, it has its effect
// once. Events of a subscription may come in any order. Of two, the one that was
// created later counts, of two of the same second the one that comes last, and one
// that has ended stays so. Of several subscriptions of a tenant the one that was
// set last counts, and when it ends the one before. The tenant need not be known.
//
// That the event is from Stripe is for the caller to check, by its signature.
func (s *Store) ApplyStripeEvent(ctx context.Context, e StripeEvent) (StripeEffect, error) {
	const op = "apply an event of Stripe"
	limits, err := e.check()
	if err != nil {
		return "", failed(ctx, op, err)
	}
	var effect StripeEffect
	err = s.write(ctx, op, func(t *tx) error {
		if _, err := t.lockChain(subscriptionsTable); err != nil {
			return err
		}
		if effect, err = t.stripeEffect(&e); err != nil || effect == StripeSeen {
			return err
		}
		_, err := t.exec(`INSERT INTO stripe_events (event_id, event_type, effect, stripe_subscription_id, event_created_at, received_at)
			VALUES (?, ?, ?, ?, ?, ?)`, e.ID, e.Type, string(effect), orNull(e.SubscriptionID), e.CreatedAt.Truncate(time.Microsecond), t.now)
		if err != nil {
			return err
		}
		who := Actor{User: "stripe"}
		switch effect {
		case StripeEnded:
			_, err = t.endSubscriptions(who, t.now, ofStripe, e.SubscriptionID)
		case StripeSet:
			err = t.setSubscription(who, *e.Set, limits)
		}
		return err
	})
	if err != nil {
		return "", err
	}
	return effect, nil
}

func (e *StripeEvent) check() (limits sql.NullString, err error) {
	if err := checkTexts(checked{"the ID of the event", e.ID, 1, maxStripeID}, checked{"the type of the event", e.Type, 1, maxStripeID},
		checked{"the ID of the subscription", e.SubscriptionID, 0, maxStripeID}); err != nil {
		return limits, err
	}
	switch {
	case e.CreatedAt.Year() < 1970 || e.CreatedAt.Year() > 9999:
		return limits, invalid("the time of an event must be in the years 1970 to 9999, got %v", e.CreatedAt)
	case e.SubscriptionID == "" && (e.Set != nil || e.Ended):
		return limits, invalid("an event that changes a subscription must name it")
	case e.Set == nil:
		return limits, nil
	}
	set := *e.Set
	set.StripeID = e.SubscriptionID
	e.Set = &set
	return set.check()
}

// stripeEffect decides what an event does. The lock on the chain of
// subscriptions is held, so that no two events decide at once.
func (t *tx) stripeEffect(e *StripeEvent) (StripeEffect, error) {
	var n int
	if err := t.get(&n, "SELECT COUNT(*) FROM stripe_events WHERE event_id = ?", e.ID); err != nil || n > 0 {
		return StripeSeen, err
	}
	if e.Set == nil && !e.Ended {
		return StripeIgnored, nil
	}
	err := t.get(&n, `SELECT COUNT(*) FROM stripe_events WHERE stripe_subscription_id = ?
		AND (effect = ? OR effect = ? AND event_created_at > ?)`,
		e.SubscriptionID, string(StripeEnded), string(StripeSet), e.CreatedAt.Truncate(time.Microsecond))
	switch {
	case err != nil:
		return "", fmt.Errorf("look for newer events: %w", err)
	case e.Ended:
		return StripeEnded, nil
	case n > 0:
		return StripeOutdated, nil
	}
	return StripeSet, nil
}

const ofStripe = "stripe_subscription_id = ?"

// setSubscription begins a subscription in place of what is known of it, unless
// that is the same. Other subscriptions of the tenant go on beside it: when a
// customer changes from one to another, their events come mixed.
func (t *tx) setSubscription(who Actor, n NewSubscription, limits sql.NullString) error {
	if !n.EndsAt.IsZero() && !n.EndsAt.After(t.now) {
		_, err := t.endSubscriptions(who, t.now, ofStripe, n.StripeID)
		return err
	}
	var row subscriptionRow
	err := t.get(&row, "SELECT "+subscriptionColumns+" FROM subscriptions WHERE "+ofStripe+" AND (ends_at IS NULL OR ends_at > ?) ORDER BY id DESC LIMIT 1",
		n.StripeID, t.now)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if err == nil && row.Tenant == n.Tenant && planStored(row.Plan, row.Limits) == planStored(n.Plan, limits) && row.EndsAt.Equal(n.EndsAt) {
		return nil
	}
	_, err = t.subscribe(who, n, limits, ofStripe, n.StripeID)
	return err
}
