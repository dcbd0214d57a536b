package storetest_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cohortlens/cohortlens/adapters/store"
	"github.com/cohortlens/cohortlens/adapters/store/storetest"
)

// memory is a store of consents without SQL.
type memory struct {
	mutex sync.Mutex
	all   []store.Consent // the newest last
}

func (m *memory) RegisterConsent(_ context.Context, _ store.Actor, c store.Consent) (*store.Consent, error) {
	for text, most := range map[*string]int{&c.CustomerID: 128, &c.Type: 128, &c.CredentialID: 255} {
		if n := len(*text); n > most || n == 0 && text != &c.CredentialID || slices.Contains([]byte(*text), 0) {
			return nil, fmt.Errorf("register a consent: %w: %q", store.ErrInvalid, *text)
		}
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	c.ID, c.CreatedAt = int64(len(m.all)+1), time.Now().UTC()
	m.all = append(m.all, c)
	return &c, nil
}

func (m *memory) Consents(_ context.Context, customerID, consentType string, limit int) ([]store.Consent, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	var list []store.Consent
	for _, c := range slices.Backward(m.all) {
		if c.CustomerID == customerID && (consentType == "" || c.Type == consentType) && (limit == 0 || len(list) < limit) {
			list = append(list, c)
		}
	}
	return list, nil
}

func (m *memory) HasConsent(ctx context.Context, customerID, consentType string) (bool, error) {
	newest, err := m.Consents(ctx, customerID, consentType, 1)
	return len(newest) > 0 && newest[0].Granted, err
}

// TestPartsConform runs on the memory what the suite has on consents.
func TestPartsConform(t *testing.T) {
	storetest.Run(t, func(*testing.T) storetest.Open {
		m := new(memory)
		return func() store.Backend { return storetest.Parts{ConsentStore: m} }
	})
}

// Who asks for consents needs to know no more than their interface.
func Example() {
	m := new(memory)
	for _, granted := range []bool{true, false} {
		if _, err := m.RegisterConsent(context.Background(), store.Actor{User: "ann"}, store.Consent{CustomerID: "17", Type: "marketing", Granted: granted}); err != nil {
			fmt.Println(err)
		}
	}
	var consents store.ConsentStore = m
	fmt.Println(consents.HasConsent(context.Background(), "17", "marketing"))
	// Output: false <nil>
}
