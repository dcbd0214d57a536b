package store

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"errors"
)

// chainKey hashes entries and signs checkpoints.
type chainKey struct {
	// id tells keys apart; that of the chain without a key is empty.
	id     string
	mac    []byte
	signer ed25519.PrivateKey
}

type keyring struct {
	current *chainKey
	known   map[string]*chainKey
}

func newKeyring(current []byte, old [][]byte) (*keyring, error) {
	none := &chainKey{mac: []byte("cohortlens audit chain without a key")}
	k := &keyring{current: none, known: map[string]*chainKey{none.id: none}}
	for _, secret := range append(old, current) {
		if len(secret) == 0 {
			continue
		}
		key, err := deriveKey(secret)
		if err != nil {
			return nil, err
		}
		k.current, k.known[key.id] = key, key
	}
	if len(current) == 0 {
		k.current = none
	}
	return k, nil
}

func deriveKey(secret []byte) (*chainKey, error) {
	const idSize = 8
	id, err1 := hkdf.Key(sha256.New, secret, nil, "cohortlens audit key id", idSize)
	mac, err2 := hkdf.Key(sha256.New, secret, nil, "cohortlens audit chain", sha256.Size)
	seed, err3 := hkdf.Key(sha256.New, secret, nil, "cohortlens audit checkpoint", ed25519.SeedSize)
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	return &chainKey{hex.EncodeToString(id), mac, ed25519.NewKeyFromSeed(seed)}, nil
}
