package storetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/adapters/store"
)

func testConsents(t *testing.T, open Open) {
	s, ctx := open(), t.Context()
	for i, c := range []store.Consent{
		{CustomerID: "c1", Type: "marketing", Granted: true, CredentialID: "7"},
		{CustomerID: "c1", Type: "profiling", Granted: true},
		{CustomerID: "c2", Type: "marketing", Granted: true},
		{CustomerID: "c1", Type: "marketing", Granted: false},
	} {
		if got, err := s.RegisterConsent(ctx, store.Actor{}, c); err != nil || got.ID == 0 || got.CreatedAt.IsZero() || got.CredentialID != c.CredentialID {
			t.Fatalf("%d: got %+v, %v", i, got, err)
		}
	}
	all, err := s.Consents(ctx, "c1", "", 0)
	if err != nil || len(all) != 3 || all[0].Granted || all[1].Type != "profiling" || all[2].CredentialID != "7" {
		t.Errorf("got %+v, %v", all, err)
	}
	if one, err := s.Consents(ctx, "c1", "marketing", 1); err != nil || len(one) != 1 || one[0].Granted {
		t.Errorf("got %+v, %v", one, err)
	}
	for _, test := range []struct {
		customer, consent string
		want              bool
	}{{"c1", "marketing", false}, {"c1", "profiling", true}, {"c2", "marketing", true}, {"c2", "profiling", false}, {"c3", "marketing", false}} {
		if got, err := s.HasConsent(ctx, test.customer, test.consent); err != nil || got != test.want {
			t.Errorf("%+v: got %v, %v", test, got, err)
		}
	}
	urn := "urn:x:" + strings.Repeat("y", 249)
	if c, err := s.RegisterConsent(ctx, store.Actor{}, store.Consent{CustomerID: "c4", Type: "marketing", CredentialID: urn}); err != nil || c.CredentialID != urn {
		t.Errorf("a credential that is kept elsewhere: got %+v, %v", c, err)
	}
	for name, c := range map[string]store.Consent{
		"no type": {CustomerID: "c1"}, "no customer": {Type: "marketing"}, "NUL": {CustomerID: "c1", Type: "a\x00"},
		"long credential": {CustomerID: "c1", Type: "marketing", CredentialID: urn + "y"},
	} {
		if _, err := s.RegisterConsent(ctx, store.Actor{}, c); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("%s: got %v, want ErrInvalid", name, err)
		}
	}
	intact(t, s)
}

func testCredentials(t *testing.T, open Open) {
	s, ctx := open(), t.Context()
	const did = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
	payload := json.RawMessage(`{"issuer": "x"}`)
	var last *store.Credential
	for i := range 2 {
		c, err := s.AddCredential(ctx, store.Actor{}, store.Credential{DID: did, Type: fmt.Sprint("type", i), Payload: payload, Revoked: true})
		if err != nil || c.Revoked {
			t.Fatalf("got %+v, %v", c, err)
		}
		last = c
	}
	for range 2 {
		if err := s.RevokeCredential(ctx, store.Actor{User: "ann"}, last.ID); err != nil {
			t.Fatal(err)
		}
	}
	list, err := s.Credentials(ctx, did, 0)
	if err != nil || len(list) != 2 || !list[0].Revoked || list[1].Revoked || string(list[0].Payload) != string(payload) {
		t.Errorf("got %+v, %v", list, err)
	}
	if c, err := s.Credential(ctx, last.ID); err != nil || c.Type != "type1" {
		t.Errorf("got %+v, %v", c, err)
	}
	if _, err := s.Credential(ctx, last.ID+1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a credential that is not there: got %v", err)
	}
	if err := s.RevokeCredential(ctx, store.Actor{}, last.ID+1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("revoking one that is not there: got %v", err)
	}
	if _, err := s.AddCredential(ctx, store.Actor{}, store.Credential{DID: did, Type: "x", Payload: json.RawMessage("{")}); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("a payload that is no JSON: got %v", err)
	}
	wantLog(t, s, store.AuditFilter{Table: "verifiable_credentials"}, "REVOKE", "INSERT", "INSERT") // a second revocation changes nothing
	intact(t, s)
}

func testArtefacts(t *testing.T, open Open) {
	s, ctx := open(), t.Context()
	for _, a := range []store.Artefact{{CID: "bafy1", Type: "report", Metadata: json.RawMessage(`{"pages": 3}`)}, {CID: "bafy2", Type: "model"}, {CID: "bafy3", Type: "report"}} {
		if _, err := s.AddArtefact(ctx, store.Actor{}, a); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.AddArtefact(ctx, store.Actor{}, store.Artefact{CID: "bafy1", Type: "other"}); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a known CID: got %v", err)
	}
	if a, err := s.Artefact(ctx, "bafy1"); err != nil || a.Type != "report" || string(a.Metadata) != `{"pages": 3}` {
		t.Errorf("got %+v, %v", a, err)
	}
	if _, err := s.Artefact(ctx, "bafy9"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an unknown CID: got %v", err)
	}
	reports, err := s.Artefacts(ctx, "report", 0)
	if err != nil || len(reports) != 2 || reports[0].CID != "bafy3" || reports[0].Metadata != nil {
		t.Errorf("got %+v, %v", reports, err)
	}
	if all, err := s.Artefacts(ctx, "", 2); err != nil || len(all) != 2 || all[1].CID != "bafy2" {
		t.Errorf("got %+v, %v", all, err)
	}
	intact(t, s)
}
