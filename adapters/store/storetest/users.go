package storetest

import (
	"errors"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/adapters/store"
)

func testUsers(t *testing.T, open Open) {
	s, ctx := open(), t.Context()
	root := store.Actor{User: "root"}
	added, err := s.AddUser(ctx, root, store.NewUser{Username: "ann", Email: "ann@example.com", Password: "correct horse", Role: store.Admin, Tenant: "acme"})
	if err != nil || added.Role != store.Admin || !added.Active || added.Tenant != "acme" || !added.LastLogin.IsZero() {
		t.Fatalf("got %+v, %v", added, err)
	}
	for _, name := range []string{"cleo", "bob"} {
		if _, err := s.AddUser(ctx, root, store.NewUser{Username: name, Password: "battery staple"}); err != nil {
			t.Fatal(err)
		}
	}
	for _, taken := range []store.NewUser{{Username: "ann", Password: "long enough"}, {Username: "ann2", Email: "ann@example.com", Password: "long enough"}} {
		if _, err := s.AddUser(ctx, root, taken); !errors.Is(err, store.ErrConflict) {
			t.Errorf("%+v: got %v, want ErrConflict", taken, err)
		}
	}
	list, err := s.Users(ctx, "", 0)
	if err != nil || len(list) != 3 || list[1].Username != "bob" || list[1].Role != store.Analyst || list[1].Tenant != "bob" {
		t.Errorf("got %+v, %v", list, err)
	}
	if list, err = s.Users(ctx, "bob", 5); err != nil || len(list) != 1 || list[0].Username != "cleo" {
		t.Errorf("the next page: got %+v, %v", list, err)
	}
	if err := s.SetRole(ctx, root, "bob", store.Viewer); err != nil {
		t.Fatal(err)
	}
	if bob, err := s.User(ctx, "bob"); err != nil || bob.Role != store.Viewer {
		t.Errorf("got %+v, %v", bob, err)
	}
	for name, err := range map[string]error{
		"role":     s.SetRole(ctx, root, "nobody", store.Viewer),
		"password": s.SetPassword(ctx, root, "nobody", "long enough"),
		"active":   s.SetActive(ctx, root, "nobody", false),
	} {
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s of nobody: got %v", name, err)
		}
	}
	for _, odd := range []string{"\x00", "\xff"} {
		if err := s.SetActive(ctx, root, odd, false); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("%q: got %v, want ErrInvalid", odd, err)
		}
	}
	intact(t, s)
	noSecrets(t, s, "correct horse", "battery staple", "argon2")
}

// noSecrets looks for texts in the audit log that must not be there.
func noSecrets(t *testing.T, s store.Backend, secrets ...string) {
	t.Helper()
	if !has(s, audit) {
		return
	}
	log, err := s.AuditLog(t.Context(), store.AuditFilter{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range log {
		for _, secret := range secrets {
			if strings.Contains(string(e.Old)+string(e.New), secret) {
				t.Errorf("the audit log has %q: %+v", secret, e)
			}
		}
	}
}

func testUsersThatCannotBeAdded(t *testing.T, open Open) {
	s := open()
	for name, u := range map[string]store.NewUser{
		"no name":        {Password: "long enough"},
		"long name":      {Username: strings.Repeat("x", maxName+1), Password: "long enough"},
		"short password": {Username: "x", Password: "7 bytes"},
		"long password":  {Username: "x", Password: strings.Repeat("x", 1025)},
		"role":           {Username: "x", Password: "long enough", Role: "root"},
		"address":        {Username: "x", Password: "long enough", Email: "x"},
		"NUL":            {Username: "x\x00", Password: "long enough"},
		"spaces":         {Username: " ", Password: "long enough"},
		"a last space":   {Username: "x ", Password: "long enough"},
		"a line":         {Username: "x\ny", Password: "long enough"},
		"a hidden mark":  {Username: "x\u202e", Password: "long enough"},
		"another space":  {Username: "x\u00a0y", Password: "long enough"},
		"two addresses":  {Username: "x", Password: "long enough", Email: "x@example.com\ny@example.com"},
		"tenant's space": {Username: "x", Password: "long enough", Tenant: "acme "},
	} {
		if _, err := s.AddUser(t.Context(), store.Actor{}, u); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("%s: got %v, want ErrInvalid", name, err)
		} else if strings.Contains(err.Error(), u.Password) {
			t.Errorf("%s: the error has the password: %v", name, err)
		}
	}
}

func testLogin(t *testing.T, open Open) {
	s, ctx := open(), t.Context()
	if _, err := s.AddUser(ctx, store.Actor{}, store.NewUser{Username: "ann", Password: "correct horse", Tenant: "acme"}); err != nil {
		t.Fatal(err)
	}
	u, err := s.Authenticate(ctx, "ann", "correct horse")
	if err != nil || u.Tenant != "acme" || u.LastLogin.IsZero() {
		t.Fatalf("got %+v, %v", u, err)
	}
	if again, err := s.User(ctx, "ann"); err != nil || !again.LastLogin.Equal(u.LastLogin) {
		t.Errorf("the login was not noted: %+v, %v", again, err)
	}
	var refusal string // the same one always
	refuse := func(name, password string) {
		t.Helper()
		u, err := s.Authenticate(ctx, name, password)
		if u != nil || !errors.Is(err, store.ErrCredentials) || refusal != "" && err.Error() != refusal {
			t.Errorf("%q, %q: got %+v, %v", name, password, u, err)
			return
		}
		refusal = err.Error()
	}
	refuse("ann", "wrong horse")
	refuse("ann", "")
	refuse("ann", strings.Repeat("x", 5000))
	refuse("Ann", "correct horse")
	refuse("nobody", "correct horse")
	refuse("", "")
	refuse("' OR 1=1 --", "x")
	if err := s.SetActive(ctx, store.Actor{}, "ann", false); err != nil {
		t.Fatal(err)
	}
	refuse("ann", "correct horse")
	if err := s.SetActive(ctx, store.Actor{}, "ann", true); err != nil {
		t.Fatal(err)
	}
	if err := s.SetPassword(ctx, store.Actor{}, "ann", "battery staple"); err != nil {
		t.Fatal(err)
	}
	refuse("ann", "correct horse")
	if _, err := s.Authenticate(ctx, "ann", "battery staple"); err != nil {
		t.Errorf("the new password: %v", err)
	}
	intact(t, s)
}
