package store

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

// golden is argon2id of "correct horse" with the salt 0 1 2 ... 15:
//
//	python3 -c "from argon2.low_level import *; print(hash_secret(b'correct horse', bytes(range(16)), 4, 9216, 1, 32, Type.ID).decode())"
//
// with argon2-cffi 25.1.0.
const golden = "$argon2id$v=19$m=9216,t=4,p=1$AAECAwQFBgcICQoLDA0ODw$xwhl6od+7F4EdR/W4meiJCklwriSz7M4Ju0u4IbDIGs"

// pythonHashOfDigits is bcrypt of ten times "0123456789", as libraries made it that
// cut passwords to 72 bytes:
//
//	python3 -c "import bcrypt; print(bcrypt.hashpw(b'0123456789'*10, bcrypt.gensalt(4)))"
//
// with bcrypt 4.3.0.
const pythonHashOfDigits = "$2b$04$dVo6H84aS0du8FJ0FgqYau334hegvRbJRPAiVtxjTCWak23N.l69."

func TestHashIsThatOfOthers(t *testing.T) {
	salt := make([]byte, saltSize)
	for i := range salt {
		salt[i] = byte(i)
	}
	got, err := newHasher(bytes.NewReader(salt)).hash(t.Context(), "correct horse")
	if err != nil || got != golden {
		t.Errorf("got %s, %v; want %s", got, err, golden)
	}
}

func TestVerify(t *testing.T) {
	h := newHasher(nil)
	weaker := argonParameters{memory: 64, passes: 1, threads: 1}
	salt := []byte("saltsaltsalt")
	weak := weaker.format(salt, weaker.key("correct horse", salt, hashSize))
	digits := strings.Repeat("0123456789", 10)
	for _, test := range []struct {
		name, stored, password string
		ok, outdated           bool
	}{
		{"argon2id", golden, "correct horse", true, false},
		{"wrong", golden, "Correct horse", false, false},
		{"older parameters", weak, "correct horse", true, true},
		{"bcrypt", pythonHash, "s3cret!", true, true},
		{"bcrypt as $2a", strings.Replace(pythonHash, "$2b", "$2a", 1), "s3cret!", true, true},
		{"bcrypt of 100 bytes", pythonHashOfDigits, digits, true, true},
		{"its first 72 bytes", pythonHashOfDigits, digits[:72], true, true},
		{"its first 71 bytes", pythonHashOfDigits, digits[:71], false, true},
		{"wrong for bcrypt", pythonHash, "s3cret", false, true},
		{"nobody", "", "", false, false},
	} {
		ok, outdated, err := h.verify(t.Context(), test.password, login{stored: test.stored, legacy: "04"})
		if err != nil || ok != test.ok || ok && outdated != test.outdated {
			t.Errorf("%s: got %v, %v, %v", test.name, ok, outdated, err)
		}
	}
}

// TestLoginsAreTheSameWork: whoever logs in, the same kinds of hashes with the
// same parameters are computed, so that the time says nothing.
func TestLoginsAreTheSameWork(t *testing.T) {
	work := func(l login) (kinds []string) {
		for _, h := range l.hashes() {
			if isBcrypt(h) {
				kinds = append(kinds, h[4:6])
				continue
			}
			p, salt, key, err := parsePHC(h)
			if err != nil || len(salt) != saltSize || len(key) != hashSize {
				t.Fatalf("%s: %v", h, err)
			}
			kinds = append(kinds, p.format(nil, nil))
		}
		return kinds
	}
	for _, legacy := range []string{"", "04"} {
		want := work(login{legacy: legacy})
		for _, stored := range []string{golden, pythonHash} {
			if got := work(login{stored, legacy}); !slices.Equal(got, want) && (legacy != "" || !isBcrypt(stored)) {
				t.Errorf("with old hashes of cost %q, %s: got %v, want %v as for nobody", legacy, stored[:8], got, want)
			}
		}
	}
	if dummy := (login{legacy: "04"}).hashes()[1]; !errors.Is(bcrypt.CompareHashAndPassword([]byte(dummy), nil), bcrypt.ErrMismatchedHashAndPassword) {
		t.Errorf("the dummy %s is no hash", dummy)
	}
}

// TestHostileHashes: a hash in the database may ask for any amount of work.
func TestHostileHashes(t *testing.T) {
	for _, stored := range []string{
		"x", "$argon2id$", "$argon2i$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$AAAA", "$2b$31$" + strings.Repeat(".", 53), "$2b$04$", "$2",
		strings.Replace(golden, "m=9216", "m=4294967295", 1), strings.Replace(golden, "t=4", "t=4294967295", 1), strings.Replace(golden, "p=1", "p=0", 1),
		strings.Replace(golden, "v=19", "v=16", 1), strings.Replace(golden, "m=9216", "m=0", 1), strings.Replace(golden, "AAEC", "====", 1),
		golden[:len(golden)-30], strings.Replace(golden, "m=9216,t=4,p=1", "p=1,m=9216,t=4", 1),
	} {
		ok, _, err := newHasher(nil).verify(t.Context(), "correct horse", login{stored: stored})
		if ok || err != nil {
			t.Errorf("%q: got %v, %v", stored, ok, err)
		}
	}
}

func TestTwoHashesAtOnce(t *testing.T) {
	h := newHasher(nil)
	release := make([]func(), 2)
	for i := range release {
		var err error
		if release[i], err = h.acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.hash(ended, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("a third hash was computed: %v", err)
	}
	if _, _, err := h.verify(ended, "x", login{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a third hash was compared: %v", err)
	}
	for _, r := range release {
		r()
	}
	if _, err := h.hash(t.Context(), "x"); err != nil {
		t.Error(err)
	}
}

func TestNoRandomnessNoHash(t *testing.T) {
	if _, err := newHasher(strings.NewReader("short")).hash(t.Context(), "x"); err == nil {
		t.Error("a hash was made without a salt")
	}
}

// TestPythonUsersLogIn upgrades the hashes that the Python backend left.
func TestPythonUsersLogIn(t *testing.T) {
	onPython(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		if _, err := s.Authenticate(ctx, "ann", "wrong"); !errors.Is(err, ErrCredentials) {
			t.Errorf("a wrong password: got %v", err)
		}
		if _, err := s.Authenticate(ctx, "bob", "s3cret!"); !errors.Is(err, ErrCredentials) {
			t.Errorf("a disabled user: got %v", err)
		}
		var group sync.WaitGroup
		for range 3 {
			group.Go(func() {
				if u, err := s.Authenticate(ctx, "ann", "s3cret!"); err != nil || u.Role != Admin || u.Tenant != "acme" {
					t.Errorf("got %+v, %v", u, err)
				}
			})
		}
		group.Wait()
		var stored string
		if err := s.pool.GetContext(ctx, &stored, "SELECT hashed_password FROM users WHERE username = 'ann'"); err != nil || !strings.HasPrefix(stored, "$argon2id$") {
			t.Errorf("the hash was not replaced: %s, %v", stored, err)
		}
		if _, err := s.Authenticate(ctx, "ann", "s3cret!"); err != nil {
			t.Errorf("with the new hash: %v", err)
		}
		if v := verify(t, s); !v.Intact {
			t.Errorf("%+v", v)
		}
	})
}
