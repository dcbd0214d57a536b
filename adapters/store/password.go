package store

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
)

// Passwords are hashed by argon2id (RFC 9106) and stored as PHC strings. Of the
// parameters that OWASP recommends as equally strong these need little memory: many
// logins at once let the process grow by 50 MiB, with 19 MiB and two passes by 120,
// since the collector frees the memory of past hashes late. Hashes of bcrypt, of
// the Python backend, are accepted. They are of the first 72 bytes of a password;
// the hash that replaces one is of all that was typed.

// argonParameters cost memory and time.
type argonParameters struct {
	memory  uint32 // KiB
	passes  uint32
	threads uint8
}

var argonDefault = argonParameters{memory: 9 * 1024, passes: 4, threads: 1}

const (
	saltSize = 16
	hashSize = 32
	// mostBcryptCost bounds the work that a stored hash may ask for.
	mostBcryptCost = 16
)

// hasher hashes passwords, two at once.
type hasher struct {
	slots  chan struct{}
	random io.Reader
}

func newHasher(random io.Reader) *hasher {
	if random == nil {
		random = rand.Reader
	}
	return &hasher{make(chan struct{}, 2), random}
}

// acquire waits for one of the two places.
func (h *hasher) acquire(ctx context.Context) (release func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// hash makes the PHC string of a password.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(h.random, salt); err != nil {
		return "", fmt.Errorf("make a salt: %w", err)
	}
	release, err := h.acquire(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	p := argonDefault
	return p.format(salt, p.key(password, salt, hashSize)), nil
}

func (p argonParameters) key(password string, salt []byte, size int) []byte {
	return argon2.IDKey([]byte(password), salt, p.passes, p.memory, p.threads, uint32(size))
}

func (p argonParameters) format(salt, key []byte) string {
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.memory, p.passes, p.threads, encode(salt), encode(key))
}

// parsePHC reads a stored hash, and refuses one whose parameters would cost too
// much: it may have been put there to do so.
func parsePHC(text string) (p argonParameters, salt, key []byte, err error) {
	var version int
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return p, nil, nil, errors.New("the stored password hash is of an unknown form")
	}
	_, err1 := fmt.Sscanf(parts[2], "v=%d", &version)
	_, err2 := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.passes, &p.threads)
	salt, err3 := base64.RawStdEncoding.Strict().DecodeString(parts[4])
	key, err4 := base64.RawStdEncoding.Strict().DecodeString(parts[5])
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return p, nil, nil, errors.New("the stored password hash cannot be read")
	}
	const (
		mostMemory = 64 * 1024
		mostPasses = 16
		mostBytes  = 64
	)
	if version != argon2.Version || p.passes < 1 || p.passes > mostPasses || p.threads < 1 || p.threads > mostPasses ||
		p.memory < 8*uint32(p.threads) || p.memory > mostMemory || len(salt) < 8 || len(salt) > mostBytes || len(key) < 16 || len(key) > mostBytes {
		return p, nil, nil, errors.New("the stored password hash has parameters out of range")
	}
	return p, salt, key, nil
}

// isBcrypt reports whether a stored hash is one of bcrypt.
func isBcrypt(stored string) bool { return strings.HasPrefix(stored, "$2") }

// login is what is known of the one who logs in.
type login struct {
	// stored is the hash of the user, "" when there is no such user.
	stored string
	// legacy is the highest cost of the users' hashes of bcrypt, as two digits;
	// "" when there are none any more.
	legacy string
}

// hashes are what is computed for a login: the hash of the user among dummies,
// so that every login computes the same kinds, and its time does not tell
// whether there is such a user.
func (l login) hashes() []string {
	argon, old := dummyArgon, ""
	if l.legacy != "" {
		old = "$2b$" + l.legacy + "$" + strings.Repeat(".", 53)
	}
	switch {
	case isBcrypt(l.stored):
		old = l.stored
	case l.stored != "":
		argon = l.stored
	}
	if old == "" {
		return []string{argon}
	}
	return []string{argon, old}
}

// verify reports whether the password has the stored hash, and whether that one
// should be replaced by a newer kind.
func (h *hasher) verify(ctx context.Context, password string, l login) (ok, outdated bool, err error) {
	release, err := h.acquire(ctx)
	if err != nil {
		return false, false, err
	}
	defer release()
	for _, stored := range l.hashes() {
		var matches bool
		var p argonParameters
		if isBcrypt(stored) {
			matches = verifyBcrypt(stored, password)
		} else {
			p, matches = verifyArgon(stored, password)
		}
		if stored == l.stored {
			ok, outdated = matches, p != argonDefault
		}
	}
	return ok, outdated, nil
}

func verifyArgon(stored, password string) (p argonParameters, matches bool) {
	p, salt, want, err := parsePHC(stored)
	if err != nil {
		return p, false
	}
	return p, subtle.ConstantTimeCompare(p.key(password, salt, len(want)), want) == 1
}

func verifyBcrypt(stored, password string) bool {
	cost, err := bcrypt.Cost([]byte(stored))
	return err == nil && cost <= mostBcryptCost && bcrypt.CompareHashAndPassword([]byte(stored), []byte(password)) == nil
}

// dummyArgon is the hash of no password: its key is nothing but zeros.
var dummyArgon = argonDefault.format(make([]byte, saltSize), make([]byte, hashSize))
