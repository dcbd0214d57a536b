package store

import (
	"context"
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
	// StripeID is that of the event.
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
// created later counts, and one that has ended stays so.
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
			_, err = t.endSubscription(who, e.SubscriptionID)
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

func (e *StripeEvent) check() (limits any, err error) {
	if err := checkTexts(checked{"the ID of the event", e.ID, 1, 255}, checked{"the type of the event", e.Type, 1, 255},
		checked{"the ID of the subscription", e.SubscriptionID, 0, maxName}); err != nil {
		return nil, err
	}
	if e.SubscriptionID == "" && (e.Set != nil || e.Ended) {
		return nil, invalid("an event that changes a subscription must name it")
	}
	if e.Set == nil {
		return nil, nil
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

// setSubscription begins a subscription unless the tenant has the same one.
func (t *tx) setSubscription(who Actor, n NewSubscription, limits any) error {
	var rows []subscriptionRow
	err := t.list(&rows, "SELECT "+subscriptionColumns+" FROM subscriptions WHERE "+currentSubscription, n.Tenant, t.now, t.now)
	if err != nil {
		return err
	}
	if len(rows) == 1 {
		r := rows[0]
		if r.StripeID.String == n.StripeID && r.Plan == n.Plan && !r.Limits.Valid && limits == nil && r.EndsAt.Equal(n.EndsAt) {
			return nil
		}
	}
	_, err = t.subscribe(who, n, limits)
	return err
}
