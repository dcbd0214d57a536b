package service

import (
	"context"

	"github.com/cohortlens/cohortlens/adapters/store"
)

// UsersDocument lists users by name.
type UsersDocument struct {
	Users []store.User `json:"users"`
	Count int          `json:"count"`
}

// AddUser adds a user to the database.
func (s *Service) AddUser(ctx context.Context, u store.NewUser) (added *store.User, err error) {
	_, err = s.withStore(ctx, store.Options{}, func(db *store.Store) error {
		added, err = db.AddUser(ctx, s.actor(""), u)
		return err
	})
	return added, err
}

// Users lists all users.
func (s *Service) Users(ctx context.Context) (*UsersDocument, error) {
	const page = 1000
	d := &UsersDocument{Users: []store.User{}}
	_, err := s.withStore(ctx, adopted, func(db *store.Store) error {
		for last := ""; ; last = d.Users[len(d.Users)-1].Username {
			list, err := db.Users(ctx, last, page)
			d.Users = append(d.Users, list...)
			if err != nil || len(list) < page {
				return err
			}
		}
	})
	if err != nil {
		return nil, err
	}
	d.Count = len(d.Users)
	return d, nil
}

// SetActive enables or disables a user.
func (s *Service) SetActive(ctx context.Context, username string, active bool) (*store.User, error) {
	return s.changeUser(ctx, username, func(db *store.Store) error {
		return db.SetActive(ctx, s.actor(""), username, active)
	})
}

// SetPassword replaces the password of a user.
func (s *Service) SetPassword(ctx context.Context, username, password string) (*store.User, error) {
	return s.changeUser(ctx, username, func(db *store.Store) error {
		return db.SetPassword(ctx, s.actor(""), username, password)
	})
}

// changeUser returns the user after a change.
func (s *Service) changeUser(ctx context.Context, username string, change func(*store.Store) error) (after *store.User, err error) {
	_, err = s.withStore(ctx, store.Options{}, func(db *store.Store) error {
		if err := change(db); err != nil {
			return err
		}
		after, err = db.User(ctx, username)
		return err
	})
	return after, err
}
