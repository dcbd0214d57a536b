package store

import (
	"testing"
	"time"
)

// TestNewestConsentCounts has replicas whose clocks differ, and a statement
// that another program took over late.
func TestNewestConsentCounts(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		fast := open(t, url, Options{Now: func() time.Time { return time.Now().Add(time.Hour) }})
		s := open(t, url, Options{})
		for i, step := range []struct {
			on      *Store
			granted bool
		}{{fast, true}, {s, false}, {fast, true}, {s, true}, {s, false}} {
			c := Consent{CustomerID: "c", Type: "marketing", Granted: step.granted}
			if _, err := step.on.RegisterConsent(t.Context(), Actor{}, c); err != nil {
				t.Fatal(err)
			}
			if got, err := s.HasConsent(t.Context(), "c", "marketing"); err != nil || got != step.granted {
				t.Errorf("after statement %d: got %v, %v", i, got, err)
			}
		}
		tamper(t, s, "INSERT INTO user_consents (customer_id, consent_type, granted, created_at) VALUES ('c', 'marketing', true, '2020-01-01 00:00:00')")
		if got, err := s.HasConsent(t.Context(), "c", "marketing"); err != nil || got {
			t.Errorf("an older statement that was stored later counts: %v, %v", got, err)
		}
		list, err := s.Consents(t.Context(), "c", "", 0)
		if err != nil || len(list) != 6 {
			t.Fatalf("got %+v, %v", list, err)
		}
		for i := range list[1:] {
			if list[i].CreatedAt.Before(list[i+1].CreatedAt) {
				t.Errorf("not the newest first: %+v", list)
			}
		}
	})
}
